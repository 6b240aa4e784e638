#include "runtime/tools/dominators.h"

#include <stdlib.h>
#include <string.h>

/* All arrays but `node_of` are indexed by node.  Numbers are those of a depth-first search from the roots, from 0. */
struct search {
  const struct graph *graph;
  struct graph_reverse reverse;
  uint32_t reached;    /* nodes that have a number */
  uint32_t *number;    /* GRAPH_NONE: not reached */
  uint32_t *node_of;   /* the reverse of `number` */
  uint32_t *parent;    /* in the search's tree */
  uint32_t *semi;      /* number of the semidominator */
  uint32_t *ancestor;  /* in the forest of the nodes that are linked; GRAPH_NONE: a root of it */
  uint32_t *best;      /* of the nodes above, up to the forest's root, one with the least semidominator */
  uint32_t *bucket;    /* the first of the nodes whose semidominator this is, */
  uint32_t *next;      /* and the one after this */
  uint32_t *stack;     /* scratch */
  size_t *edge;        /* scratch of the search: the next edge to look at */
};

enum { SEARCH_ARRAYS = 9 };

static bool search_init(struct search *search, const struct graph *graph) {
  size_t count = graph->count;
  uint32_t *arrays = malloc(SEARCH_ARRAYS * count * sizeof *arrays);
  *search = (struct search){.graph = graph, .number = arrays};
  search->edge = malloc(count * sizeof *search->edge);
  if (!arrays || !search->edge || !graph_reverse_init(&search->reverse, graph))
    return false;
  memset(arrays, 0xff, SEARCH_ARRAYS * count * sizeof *arrays); /* GRAPH_NONE */
  uint32_t **places[SEARCH_ARRAYS] = {&search->number, &search->node_of, &search->parent, &search->semi,
                                      &search->ancestor, &search->best, &search->bucket, &search->next, &search->stack};
  for (size_t i = 0; i < SEARCH_ARRAYS; i++)
    *places[i] = arrays + i * count;
  return true;
}

static void search_fini(struct search *search) {
  free(search->number); /* the first of all arrays */
  free(search->edge);
  graph_reverse_fini(&search->reverse);
}

static void give_number(struct search *s, uint32_t node, uint32_t parent) {
  s->number[node] = s->semi[node] = s->reached;
  s->node_of[s->reached++] = node;
  s->parent[node] = parent;
  s->best[node] = node;
  s->edge[node] = graph_edges_begin(s->graph, node);
}

static void number_depth_first(struct search *s) {
  size_t depth = 0;
  give_number(s, GRAPH_ROOTS, GRAPH_NONE);
  s->stack[depth++] = GRAPH_ROOTS;
  while (depth) {
    uint32_t node = s->stack[depth - 1];
    if (s->edge[node] == graph_edges_end(s->graph, node)) {
      depth--;
      continue;
    }
    uint32_t target = s->graph->edges[s->edge[node]++].target;
    if (s->number[target] != GRAPH_NONE)
      continue;
    give_number(s, target, node);
    s->stack[depth++] = target;
  }
}

/* Lets `node` and all above it refer to the forest's root directly, keeping `best` true. */
static void compress(struct search *s, uint32_t node) {
  size_t depth = 0;
  for (; s->ancestor[s->ancestor[node]] != GRAPH_NONE; node = s->ancestor[node])
    s->stack[depth++] = node;
  while (depth) {
    node = s->stack[--depth];
    uint32_t above = s->ancestor[node];
    if (s->semi[s->best[above]] < s->semi[s->best[node]])
      s->best[node] = s->best[above];
    s->ancestor[node] = s->ancestor[above];
  }
}

/* Of the nodes from `node` up to the root of its tree in the forest, without that root: one with the least
 * semidominator. */
static uint32_t evaluate(struct search *s, uint32_t node) {
  if (s->ancestor[node] == GRAPH_NONE)
    return node;
  compress(s, node);
  return s->best[node];
}

/* Afterwards each parent is right, or the node whose dominator it shares and which has a smaller number. */
static void find_semidominators(struct search *s, uint32_t *parents) {
  for (uint32_t i = s->reached - 1; i > 0; i--) {
    uint32_t node = s->node_of[i], above = s->parent[node];
    for (size_t r = s->reverse.first[node]; r < s->reverse.first[node + 1]; r++) {
      uint32_t least = s->semi[evaluate(s, s->reverse.sources[r])]; /* of garbage: GRAPH_NONE, more than all */
      if (least < s->semi[node])
        s->semi[node] = least;
    }
    uint32_t semidominator = s->node_of[s->semi[node]];
    s->next[node] = s->bucket[semidominator];
    s->bucket[semidominator] = node;
    s->ancestor[node] = above;
    for (uint32_t waiting = s->bucket[above]; waiting != GRAPH_NONE; waiting = s->next[waiting]) {
      uint32_t least = evaluate(s, waiting);
      parents[waiting] = s->semi[least] < s->semi[waiting] ? least : above;
    }
    s->bucket[above] = GRAPH_NONE;
  }
}

static void add_up(const struct search *s, struct dominators *dominators) {
  for (uint32_t i = s->reached; i-- > 0;) {
    uint32_t node = s->node_of[i];
    dominators->retained_bytes[node] += s->graph->nodes[node].bytes;
    if (i > 0) /* a dominator has a smaller number than what it dominates */
      dominators->retained_bytes[dominators->parents[node]] += dominators->retained_bytes[node];
  }
}

bool dominators_init(struct dominators *dominators, const struct graph *graph) {
  struct search s = {0};
  dominators->parents = malloc(graph->count * sizeof *dominators->parents);
  dominators->retained_bytes = calloc(graph->count, sizeof *dominators->retained_bytes);
  bool done = dominators->parents && dominators->retained_bytes && search_init(&s, graph);
  if (done) {
    memset(dominators->parents, 0xff, graph->count * sizeof *dominators->parents); /* GRAPH_NONE */
    number_depth_first(&s);
    find_semidominators(&s, dominators->parents);
    for (uint32_t i = 1; i < s.reached; i++) {
      uint32_t node = s.node_of[i];
      if (dominators->parents[node] != s.node_of[s.semi[node]])
        dominators->parents[node] = dominators->parents[dominators->parents[node]];
    }
    add_up(&s, dominators);
  } else {
    dominators_fini(dominators);
  }
  search_fini(&s);
  return done;
}

void dominators_fini(struct dominators *dominators) {
  free(dominators->parents);
  free(dominators->retained_bytes);
  *dominators = (struct dominators){0};
}
