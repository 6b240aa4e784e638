#include "bench/micro/limits.h"

#include <string.h>

#include "bench/gbench_shim.h"
#include "runtime/base/bits.h"
#include "runtime/base/cpu.h"
#include "runtime/base/rng.h"
#include "runtime/os/vm.h"

enum { HUGE_PAGE_BYTES = 2 << 20 };

/* Zero memory with all its pages there; NULL if refused. */
static void *memory_new(size_t bytes) {
  void *memory = vm_reserve(bytes, HUGE_PAGE_BYTES);
  if (!memory)
    return NULL;
  vm_prefer_huge(memory, bytes);
  return memset(memory, 0, bytes);
}

static void memory_free(void *memory, size_t bytes) {
  if (memory)
    vm_unreserve(memory, bytes);
}

/* ---- allocation ---- */

enum { SLICE_BYTES = 4096, HEADER = 0x00110002 };

bool limit_nursery_init(struct limit_nursery *nursery, size_t bytes) {
  uintptr_t start = (uintptr_t)memory_new(bytes);
  *nursery = (struct limit_nursery){start, start, start + bytes, start};
  return start != 0;
}

void limit_nursery_fini(struct limit_nursery *nursery) {
  memory_free((void *)nursery->start, nursery->end - nursery->start);
}

/* Zeroes the next slice; from the start again when there is none. */
static GC_COLD void nursery_extend(struct limit_nursery *nursery) {
  if (nursery->limit == nursery->end)
    nursery->cursor = nursery->limit = nursery->start;
  size_t slice = size_min(SLICE_BYTES, nursery->end - nursery->limit);
  memset((void *)nursery->limit, 0, slice);
  nursery->limit += slice;
}

/* `bytes` is a constant at each call and divides a slice. */
static GC_INLINE void bump_and_zero(struct limit_nursery *nursery, size_t bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    while (GC_UNLIKELY(bytes > nursery->limit - nursery->cursor))
      nursery_extend(nursery);
    uint64_t *object = (uint64_t *)nursery->cursor;
    nursery->cursor += bytes;
    object[0] = HEADER;
    object[1] = i;
    GBENCH_USE(object); /* the cursor is in memory before and after each object */
  }
}

void limit_alloc(struct limit_nursery *nursery, size_t bytes, uint64_t count) {
  switch (bytes) {
  case 16: bump_and_zero(nursery, 16, count); break;
  case 32: bump_and_zero(nursery, 32, count); break;
  case 64: bump_and_zero(nursery, 64, count); break;
  }
}

/* ---- marking ---- */

enum { EDGES = 4 };

struct limit_node {
  uint64_t header;
  struct limit_node *edge[EDGES];
  uint64_t word[3];
};

static size_t nodes_bytes(uint64_t count) { return align_up(count * sizeof(struct limit_node), HUGE_PAGE_BYTES); }
static size_t stack_bytes(uint64_t count) {
  return align_up((EDGES * count + 1) * sizeof(struct limit_node *), HUGE_PAGE_BYTES);
}

/* Lays a binary heap out through edges 0 and 1 of the nodes in `order`. */
static void connect_heap(struct limit_graph *graph, struct limit_node **order) {
  for (uint64_t i = 0; i < graph->count; i++) {
    order[i]->edge[0] = 2 * i + 1 < graph->count ? order[2 * i + 1] : NULL;
    order[i]->edge[1] = 2 * i + 2 < graph->count ? order[2 * i + 2] : NULL;
  }
  graph->root = order[0];
}

/* A random order, and two more edges from each node to any. */
static void connect_random(struct limit_graph *graph, struct limit_node **order, uint64_t random) {
  for (uint64_t i = graph->count - 1; i > 0; i--) {
    uint64_t j = rng_below(&random, i + 1);
    struct limit_node *other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  connect_heap(graph, order);
  for (uint64_t i = 0; i < graph->count; i++)
    for (unsigned e = 2; e < EDGES; e++)
      order[i]->edge[e] = &graph->nodes[rng_below(&random, graph->count)];
}

bool limit_graph_init(struct limit_graph *graph, enum limit_shape shape, uint64_t count, uint64_t seed) {
  *graph = (struct limit_graph){.count = count};
  graph->nodes = memory_new(nodes_bytes(count));
  graph->stack = memory_new(stack_bytes(count));
  if (!graph->nodes || !graph->stack) {
    limit_graph_fini(graph);
    return false;
  }
  struct limit_node **order = graph->stack; /* not needed until marking */
  for (uint64_t i = 0; i < count; i++)
    order[i] = &graph->nodes[i];
  if (shape == LIMIT_RANDOM)
    connect_random(graph, order, rng_stream(seed, 0));
  else if (shape == LIMIT_TREE)
    connect_heap(graph, order);
  else
    for (uint64_t i = 0; i + 1 < count; i++)
      graph->nodes[i].edge[0] = &graph->nodes[i + 1];
  if (shape == LIMIT_LIST)
    graph->root = graph->nodes;
  return true;
}

void limit_graph_fini(struct limit_graph *graph) {
  memory_free(graph->nodes, nodes_bytes(graph->count));
  memory_free(graph->stack, stack_bytes(graph->count));
  *graph = (struct limit_graph){0};
}

static uint64_t mark_at_edge(struct limit_graph *graph) {
  uint64_t colour = graph->colour, marked = 1;
  struct limit_node **stack = graph->stack, **top = stack;
  graph->root->header = colour;
  *top++ = graph->root;
  while (top > stack) {
    struct limit_node *node = *--top;
    for (unsigned e = 0; e < EDGES; e++) {
      struct limit_node *target = node->edge[e];
      if (!target || target->header == colour)
        continue;
      target->header = colour;
      *top++ = target;
      marked++;
    }
  }
  return marked;
}

/* `fifo` is a constant at each call, a power of two.  References wait in it until it is full, or until there is
 * nothing else to do. */
static GC_INLINE uint64_t mark_prefetching(struct limit_graph *graph, unsigned fifo) {
  uint64_t colour = graph->colour, marked = 0;
  struct limit_node **stack = graph->stack, **top = stack;
  struct limit_node *waiting[fifo];
  unsigned in = 0, out = 0; /* in - out references wait */
  *top++ = graph->root;
  for (;;) {
    if (top > stack) {
      cpu_prefetch(*--top);
      waiting[in++ % fifo] = *top;
      if (in - out < fifo)
        continue;
    } else if (in == out) {
      return marked;
    }
    struct limit_node *node = waiting[out++ % fifo];
    if (node->header == colour)
      continue;
    node->header = colour;
    marked++;
    for (unsigned e = 0; e < EDGES; e++)
      if (node->edge[e])
        *top++ = node->edge[e];
  }
}

uint64_t limit_mark(struct limit_graph *graph, unsigned fifo) {
  graph->colour++;
  switch (fifo) {
  case 16: return mark_prefetching(graph, 16);
  case 32: return mark_prefetching(graph, 32);
  case 64: return mark_prefetching(graph, 64);
  default: return mark_at_edge(graph);
  }
}

/* ---- reading ---- */

struct limit_line {
  GC_CACHE_ALIGNED struct limit_line *next;
};

bool limit_lines_init(struct limit_lines *lines, size_t bytes, uint64_t seed) {
  uint64_t count = bytes / sizeof *lines->lines, random = rng_stream(seed, 0);
  *lines = (struct limit_lines){memory_new(bytes), count};
  if (!lines->lines)
    return false;
  /* Sattolo's shuffle: one cycle through all lines. */
  for (uint64_t i = 0; i < count; i++)
    lines->lines[i].next = &lines->lines[i];
  for (uint64_t i = count - 1; i > 0; i--) {
    uint64_t j = rng_below(&random, i);
    struct limit_line *other = lines->lines[i].next;
    lines->lines[i].next = lines->lines[j].next;
    lines->lines[j].next = other;
  }
  return true;
}

void limit_lines_fini(struct limit_lines *lines) { memory_free(lines->lines, lines->count * sizeof *lines->lines); }

/* `ways` is a constant at each call. */
static GC_INLINE void follow(struct limit_lines *lines, unsigned ways, uint64_t reads) {
  struct limit_line *at[ways];
  for (unsigned way = 0; way < ways; way++)
    at[way] = &lines->lines[lines->count / ways * way];
  for (uint64_t i = 0; i < reads / ways; i++)
    for (unsigned way = 0; way < ways; way++)
      at[way] = at[way]->next;
  for (unsigned way = 0; way < ways; way++)
    GBENCH_USE(at[way]);
}

void limit_read_chains(struct limit_lines *lines, unsigned ways, uint64_t reads) {
  switch (ways) {
  case 1: follow(lines, 1, reads); break;
  case 10: follow(lines, 10, reads); break;
  case 16: follow(lines, 16, reads); break;
  }
}

void limit_read_independent(struct limit_lines *lines, uint64_t reads) {
  uint64_t random = 1, sum = 0;
  for (uint64_t i = 0; i < reads; i++)
    sum += (uintptr_t)lines->lines[rng_below(&random, lines->count)].next;
  GBENCH_USE(sum);
}

/* ---- loads and stores without a barrier ---- */

/* As struct node of objects.h; of one thread, yet the compiler may not keep a field in a register. */
struct limit_pair {
  uint64_t header;
  struct limit_pair *volatile left, *volatile right;
};

void limit_walk(uint64_t count) {
  static struct limit_pair ring[LIMIT_RING];
  for (unsigned i = 0; i < LIMIT_RING && !ring[i].left; i++)
    ring[i].left = &ring[(i + LIMIT_STRIDE) % LIMIT_RING];
  struct limit_pair *at = ring;
  for (uint64_t i = 0; i < count; i++)
    at = at->left;
  GBENCH_USE(at);
}

void limit_swap(uint64_t count) {
  static struct limit_pair pairs[1], *volatile slots[LIMIT_RING];
  for (unsigned i = 0; i < LIMIT_RING && !slots[i]; i++)
    slots[i] = pairs;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t a = i % LIMIT_RING, b = i * LIMIT_STRIDE % LIMIT_RING;
    struct limit_pair *first = slots[a], *second = slots[b];
    slots[a] = second;
    slots[b] = first;
  }
}
