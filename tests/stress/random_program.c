/* random_program.c -- a seeded random program on 1, 2 and 4 threads, held against a model of it in plain arrays.
 *
 * Each thread owns a table of slots and items: nodes whose key is the item's number, whose `left` is another item, and
 * whose `right` is a payload: an array of items, small or large, or raw bytes.  The model knows what each item refers
 * to; every few hundred steps all that the model reaches is compared with the heap.  Beside that: weak references and
 * ephemerons to items, finalizers, blocking, collections, and a mailbox through which threads hand items to each other,
 * who keep them for a while and look only at what never changes.
 * The short form runs a few thousand steps; --seconds N starts anew with further seeds until the time is up. */
#include "runtime/os/clock.h"
#include "tests/support/suite.h"

enum {
  THREADS_MOST = 4,
  SLOTS = 40,
  ITEMS_MOST = 20000,
  ENTRIES = 4, /* of an array payload: so many of its slots are used */
  WEAKS = 12,
  EPHEMERONS = 6,
  GUESTS = 6, /* items of other threads */
  GLOBAL_MAILBOX = 7,
  SMALL_LENGTH = 12,
  LARGE_LENGTH = 1500,
  STEPS_BETWEEN_COMPARISONS = 300
};

enum payload { PAYLOAD_NONE, PAYLOAD_ARRAY, PAYLOAD_RAW };

struct item { /* number 0 is null */
  uint32_t left, entry[ENTRIES];
  uint32_t length; /* of the array, or of the raw bytes */
  enum payload payload;
};

struct player {
  struct gc_mutator *m;
  unsigned index;
  uint64_t rng;
  uint32_t count; /* items so far */
  struct item items[ITEMS_MOST + 1];
  uint32_t slot[SLOTS], weak[WEAKS], ephemeron[EPHEMERONS];
  uint64_t guest[GUESTS];                  /* keys */
  _Atomic uint8_t finalized[ITEMS_MOST + 1]; /* 1: registered, 2: taken from the queue, by any thread */
  bool visited[ITEMS_MOST + 1];
};
static struct player players[THREADS_MOST];

/* The player's objects: arrays, each as long as the model's; and two locals. */
struct roots {
  struct gc_frame frame;
  gc_root slots, weaks, ephemerons, guests, item, other;
};

static uint64_t seal(uint64_t key) { return key * 0x9e3779b97f4a7c15u ^ key >> 7; }
static uint64_t key_of(const struct player *p, uint32_t number) { return (uint64_t)(p->index + 1) << 32 | number; }
static uint32_t pick(struct player *p, uint32_t bound) { return (uint32_t)rng_below(&p->rng, bound); }
static uint64_t entry_index(uint32_t length, unsigned entry) { return (uint64_t)(length - 1) * entry / (ENTRIES - 1); }

static uint64_t heap_key(struct player *p, gc_ref item) {
  return gc_is_null(item) ? 0 : GC_DEREF(p->m, node, item)->key;
}
static uint64_t model_key(struct player *p, uint32_t number) { return number ? key_of(p, number) : 0; }

static void put_slot(struct player *p, struct roots *r, uint32_t slot, gc_ref item, uint32_t number) {
  gc_array_store(p->m, gc_get(p->m, &r->slots), slot, item);
  p->slot[slot] = number;
}
static gc_ref in_slot(struct player *p, struct roots *r, uint32_t slot) {
  return gc_array_load(p->m, gc_get(p->m, &r->slots), slot);
}

/* ---- comparing ---- */

struct pair {
  gc_ref ref;
  uint32_t number;
};

static void compare_payload(struct player *p, gc_ref item, uint32_t number, struct pair *stack, size_t *depth) {
  const struct item *expected = &p->items[number];
  gc_ref payload = GC_LOAD(p->m, item, node, right);
  EXPECT(gc_is_null(payload) == (expected->payload == PAYLOAD_NONE), "payload of item %u", number);
  if (expected->payload == PAYLOAD_ARRAY) {
    EXPECT(gc_array_length(p->m, payload) == expected->length, "length of array %u", number);
    for (unsigned i = 0; i < ENTRIES; i++)
      stack[(*depth)++] = (struct pair){gc_array_load(p->m, payload, entry_index(expected->length, i)),
                                        expected->entry[i]};
    EXPECT(gc_is_null(gc_array_load(p->m, payload, 1)), "a slot of array %u that was never written", number);
  } else if (expected->payload == PAYLOAD_RAW) {
    const unsigned char *data = gc_raw_data(p->m, payload);
    EXPECT(GC_DEREF(p->m, gc_raw, payload)->length_bytes == expected->length, "length of raw %u", number);
    for (uint32_t i = 0; i < expected->length; i += 97)
      EXPECT(data[i] == (unsigned char)number, "byte %u of raw %u", i, number);
  }
}

/* All that the model reaches is in the heap, and is what it should be. */
static void compare(struct player *p, struct roots *r) {
  static struct pair stacks[THREADS_MOST][(1 + ENTRIES) * ITEMS_MOST + SLOTS];
  struct pair *stack = stacks[p->index];
  size_t depth = 0;
  memset(p->visited, 0, sizeof p->visited);
  for (uint32_t i = 0; i < SLOTS; i++)
    stack[depth++] = (struct pair){in_slot(p, r, i), p->slot[i]};
  while (depth) { /* no allocation and no poll: the references stay good */
    struct pair now = stack[--depth];
    EXPECT(heap_key(p, now.ref) == model_key(p, now.number), "item %u has key %llx", now.number,
           (unsigned long long)heap_key(p, now.ref));
    if (now.number == 0 || p->visited[now.number])
      continue;
    p->visited[now.number] = true;
    EXPECT(atomic_load(&p->finalized[now.number]) != 2, "item %u is reachable and was finalized", now.number);
    stack[depth++] = (struct pair){GC_LOAD(p->m, now.ref, node, left), p->items[now.number].left};
    compare_payload(p, now.ref, now.number, stack, &depth);
  }
}

/* After compare: weak references and ephemerons of what was reached show it; `settled`: all others are cleared. */
static void compare_weak(struct player *p, struct roots *r, bool settled) {
  settled &= suite.collector->attrs.reclaims && suite.collector->attrs.cycles;
  for (uint32_t i = 0; i < WEAKS; i++) {
    if (!p->weak[i])
      continue;
    uint64_t seen = heap_key(p, gc_weak_get(p->m, gc_array_load(p->m, gc_get(p->m, &r->weaks), i)));
    bool reached = p->visited[p->weak[i]];
    EXPECT(seen == key_of(p, p->weak[i]) || (seen == 0 && !reached), "weak of item %u (reached: %d) shows %llx",
           p->weak[i], reached, (unsigned long long)seen);
    EXPECT(!settled || reached || seen == 0, "a weak reference shows item %u, which is dead", p->weak[i]);
  }
  for (uint32_t i = 0; i < EPHEMERONS && suite.collector->attrs.ephemerons; i++) {
    if (!p->ephemeron[i])
      continue;
    gc_ref ephemeron = gc_array_load(p->m, gc_get(p->m, &r->ephemerons), i);
    gc_ref value = gc_ephemeron_value(p->m, ephemeron);
    uint64_t seen = gc_is_null(value) ? 0 : GC_DEREF(p->m, leaf, value)->key;
    bool reached = p->visited[p->ephemeron[i]];
    EXPECT(seen == seal(p->ephemeron[i]) || (seen == 0 && !reached), "ephemeron of item %u (reached: %d) has %llx",
           p->ephemeron[i], reached, (unsigned long long)seen);
    EXPECT(!settled || reached || seen == 0, "the value of item %u, which is dead", p->ephemeron[i]);
  }
}

/* ---- steps ---- */

static uint32_t new_number(struct player *p, uint32_t left) {
  p->items[++p->count] = (struct item){.left = left};
  return p->count;
}

static void step_new(struct player *p, struct roots *r) {
  uint32_t to = pick(p, SLOTS), from = pick(p, SLOTS), number = new_number(p, p->slot[from]);
  gc_ref item = GC_NEW(p->m, node);
  GC_PUT(p->m, item, node, key, key_of(p, number));
  GC_INIT(p->m, item, node, left, in_slot(p, r, from));
  put_slot(p, r, to, item, number);
}

/* Gives the item in r->item a payload: raw bytes, an array of items, or a copy of another item's array. */
static void step_payload(struct player *p, struct roots *r, uint32_t number) {
  struct item *item = &p->items[number];
  bool raw = pick(p, 3) == 0;
  if (raw) {
    item->payload = PAYLOAD_RAW;
    item->length = 1 + pick(p, pick(p, 10) ? 200 : 30000);
    gc_set(p->m, &r->other, gc_alloc_raw(p->m, item->length));
    memset(gc_raw_data(p->m, gc_get(p->m, &r->other)), (int)(number & 0xff), item->length);
  } else {
    item->payload = PAYLOAD_ARRAY;
    item->length = pick(p, 10) ? SMALL_LENGTH : LARGE_LENGTH;
    gc_set(p->m, &r->other, gc_alloc_array(p->m, item->length));
    for (unsigned i = 0; i < ENTRIES; i++) {
      uint32_t from = pick(p, SLOTS);
      item->entry[i] = p->slot[from];
      gc_array_store(p->m, gc_get(p->m, &r->other), entry_index(item->length, i), in_slot(p, r, from));
    }
  }
  GC_STORE(p->m, gc_get(p->m, &r->item), node, right, gc_get(p->m, &r->other));
}

static void step_copy_array(struct player *p, struct roots *r, uint32_t to, uint32_t from) {
  if (p->items[from].payload != PAYLOAD_ARRAY || p->items[to].payload != PAYLOAD_ARRAY ||
      p->items[to].length != p->items[from].length)
    return;
  gc_ref source = GC_LOAD(p->m, gc_get(p->m, &r->other), node, right);
  gc_ref target = GC_LOAD(p->m, gc_get(p->m, &r->item), node, right);
  gc_copy_fields(p->m, target, gc_array_slot(p->m, target, 0), source, gc_array_slot(p->m, source, 0),
                 p->items[from].length);
  memcpy(p->items[to].entry, p->items[from].entry, sizeof p->items[to].entry);
}

/* One operation on the item of a slot, and the item of another slot as its operand. */
static void step_change(struct player *p, struct roots *r) {
  uint32_t slot = pick(p, SLOTS), from = pick(p, SLOTS), third = pick(p, SLOTS);
  uint32_t number = p->slot[slot], operand = p->slot[from];
  if (!number)
    return;
  struct item *item = &p->items[number];
  gc_set(p->m, &r->item, in_slot(p, r, slot));
  gc_set(p->m, &r->other, in_slot(p, r, from));
  gc_ref ref = gc_get(p->m, &r->item), value = gc_get(p->m, &r->other);
  gc_field *left = GC_FIELD(p->m, ref, node, left);
  switch (pick(p, 6)) {
  case 0:
    gc_store(p->m, ref, left, value);
    item->left = operand;
    break;
  case 1: {
    uint32_t old = item->left;
    item->left = operand;
    put_slot(p, r, from, gc_swap(p->m, ref, left, value), old);
    break;
  }
  case 2: {
    bool stored = gc_cas(p->m, ref, left, value, in_slot(p, r, third));
    EXPECT(stored == (item->left == operand), "cas of item %u said %d", number, stored);
    if (stored)
      item->left = p->slot[third];
    break;
  }
  case 3:
    if (item->payload == PAYLOAD_ARRAY) {
      unsigned entry = pick(p, ENTRIES);
      gc_array_store(p->m, GC_LOAD(p->m, ref, node, right), entry_index(item->length, entry), value);
      item->entry[entry] = operand;
    }
    break;
  case 4:
    if (operand)
      step_copy_array(p, r, number, operand);
    break;
  default: step_payload(p, r, number);
  }
}

static void step_weak(struct player *p, struct roots *r) {
  uint32_t number = p->slot[pick(p, SLOTS)], place = pick(p, WEAKS);
  for (uint32_t slot = 0; number && slot < SLOTS; slot++)
    if (p->slot[slot] == number) {
      gc_set(p->m, &r->item, in_slot(p, r, slot));
      break;
    }
  if (!number)
    return;
  if (pick(p, 2)) {
    gc_ref weak = gc_weak_new(p->m, &r->item, NULL, NULL);
    gc_array_store(p->m, gc_get(p->m, &r->weaks), place, weak);
    p->weak[place] = number;
  } else if (suite.collector->attrs.ephemerons) {
    place %= EPHEMERONS;
    gc_set(p->m, &r->other, GC_NEW(p->m, leaf));
    GC_PUT(p->m, gc_get(p->m, &r->other), leaf, key, seal(number));
    gc_ref ephemeron = gc_ephemeron_new(p->m, &r->item, &r->other);
    gc_array_store(p->m, gc_get(p->m, &r->ephemerons), place, ephemeron);
    p->ephemeron[place] = number;
  }
}

static void step_finalize(struct player *p, struct roots *r) {
  uint32_t slot = pick(p, SLOTS), number = p->slot[slot];
  if (number && atomic_load(&p->finalized[number]) == 0) {
    atomic_store(&p->finalized[number], 1);
    gc_finalizer_attach(p->m, in_slot(p, r, slot));
  }
  gc_set(p->m, &r->item, gc_finalizer_next(p->m)); /* perhaps another thread's */
  uint64_t key = heap_key(p, gc_get(p->m, &r->item));
  if (!key)
    return;
  EXPECT(key >> 32 >= 1 && key >> 32 <= THREADS_MOST && (uint32_t)key <= ITEMS_MOST, "a finalizable item has key %llx",
         (unsigned long long)key);
  uint8_t before = atomic_exchange(&players[(key >> 32) - 1].finalized[(uint32_t)key], 2);
  EXPECT(before == 1, "item %llx was in state %u when its finalizer was due", (unsigned long long)key, before);
}

/* Hands an item of its own to whoever comes next, keeps what it finds, and looks at an older guest. */
static void step_mailbox(struct player *p, struct roots *r) {
  uint32_t slot = pick(p, SLOTS), place = pick(p, GUESTS);
  if (p->slot[slot] && atomic_load(&p->finalized[p->slot[slot]]))
    return; /* others would see it finalized while they keep it */
  gc_ref globals = gc_globals(p->m);
  gc_field *mailbox = GC_FIELD(p->m, globals, gc_globals, slot[GLOBAL_MAILBOX]);
  gc_set(p->m, &r->item, gc_swap(p->m, globals, mailbox, in_slot(p, r, slot)));
  gc_array_store(p->m, gc_get(p->m, &r->guests), place, gc_get(p->m, &r->item));
  p->guest[place] = heap_key(p, gc_get(p->m, &r->item));
  place = pick(p, GUESTS);
  uint64_t seen = heap_key(p, gc_array_load(p->m, gc_get(p->m, &r->guests), place));
  EXPECT(seen == p->guest[place], "guest %llx is now %llx", (unsigned long long)p->guest[place],
         (unsigned long long)seen);
}

static void step_pause(struct player *p) {
  switch (pick(p, 40)) {
  case 0: gc_collect(p->m, 1); break;
  case 1:
  case 2: gc_collect(p->m, 0); break;
  case 3:
  case 4:
    gc_block(p->m);
    sched_yield();
    gc_unblock(p->m);
    break;
  default: gc_poll(p->m);
  }
}

static void step(struct player *p, struct roots *r) {
  uint32_t choice = pick(p, 32), to = pick(p, SLOTS), from = pick(p, SLOTS);
  if (choice < 10 && p->count < ITEMS_MOST)
    step_new(p, r);
  else if (choice < 20)
    step_change(p, r);
  else if (choice < 22)
    put_slot(p, r, to, in_slot(p, r, from), p->slot[from]);
  else if (choice < 25)
    put_slot(p, r, to, GC_NULL, 0);
  else if (choice < 27)
    step_weak(p, r);
  else if (choice < 28)
    step_finalize(p, r);
  else if (choice < 30)
    step_mailbox(p, r);
  else
    step_pause(p);
}

/* ---- rounds ---- */

static void play(struct gc_mutator *m, unsigned index, void *argument) {
  struct player *p = &players[index];
  size_t steps = *(const size_t *)argument;
  p->m = m;
  struct roots r = {0};
  gc_frame_push(m, &r.frame, (sizeof r - sizeof r.frame) / sizeof(gc_root));
  gc_set(m, &r.slots, gc_alloc_array(m, SLOTS));
  gc_set(m, &r.weaks, gc_alloc_array(m, WEAKS));
  gc_set(m, &r.ephemerons, gc_alloc_array(m, EPHEMERONS));
  gc_set(m, &r.guests, gc_alloc_array(m, GUESTS));
  for (size_t i = 1; i <= steps; i++) {
    step(p, &r);
    if (i % STEPS_BETWEEN_COMPARISONS == 0) {
      compare(p, &r);
      compare_weak(p, &r, false);
    }
  }
  gc_set(m, &r.item, GC_NULL);
  gc_set(m, &r.other, GC_NULL);
  compare(p, &r);
  gc_frame_pop(m, &r.frame);
}

/* One thread alone: at its end everything that the model does not reach is dead. */
static void play_settled(struct gc_mutator *m, size_t steps) {
  struct player *p = &players[0];
  p->m = m;
  struct roots r = {0};
  gc_frame_push(m, &r.frame, (sizeof r - sizeof r.frame) / sizeof(gc_root));
  gc_set(m, &r.slots, gc_alloc_array(m, SLOTS));
  gc_set(m, &r.weaks, gc_alloc_array(m, WEAKS));
  gc_set(m, &r.ephemerons, gc_alloc_array(m, EPHEMERONS));
  gc_set(m, &r.guests, gc_alloc_array(m, GUESTS));
  for (size_t i = 1; i <= steps; i++)
    step(p, &r);
  gc_set(m, &r.item, GC_NULL);
  gc_set(m, &r.other, GC_NULL);
  gc_set(m, &r.guests, GC_NULL);
  gc_global_store(m, GLOBAL_MAILBOX, GC_NULL);
  uint64_t due;
  do { /* what is finalizable dies in its second life, with what it kept */
    suite_settle(m);
    gc_set(m, &r.item, gc_finalizer_next(m));
    due = heap_key(p, gc_get(m, &r.item));
    if (due)
      atomic_store(&p->finalized[(uint32_t)due], 2);
    gc_set(m, &r.item, GC_NULL);
  } while (due);
  compare(p, &r);
  compare_weak(p, &r, true);
  gc_frame_pop(m, &r.frame);
}

static void round_of(unsigned threads, uint64_t seed) {
  struct gc_heap_config config = suite_config(suite.collector->attrs.reclaims ? 48 * GC_MIB : 512 * GC_MIB);
  config.seed = seed;
  config.gc_threads = 1 + (unsigned)(seed % 3);
  struct gc_mutator *m = suite_begin_with(&config);
  size_t steps = suite_count(60000);
  memset(players, 0, sizeof players);
  for (unsigned i = 0; i < THREADS_MOST; i++) {
    players[i].index = i;
    players[i].rng = rng_stream(seed, i);
  }
  if (threads == 1)
    play_settled(m, steps);
  else
    suite_run_threads(m, threads, play, &steps);
  suite_end(m);
}

TEST(random_program) {
  uint64_t end_ns = clock_now_ns() + suite.seconds * (uint64_t)1000000000, seed = suite.seed;
  do {
    for (unsigned threads = 1; threads <= (suite.collector->attrs.threads ? THREADS_MOST : 1); threads *= 2)
      round_of(threads, seed);
    if (suite.seconds)
      printf("seed %llu passed\n", (unsigned long long)seed);
    seed++;
  } while (clock_now_ns() < end_ns);
}
