/* pipeline.c -- packets go round a ring of threads through bounded queues; each thread adds an object to each packet.
 *
 * Thread t takes from queue t and puts into queue t + 1 (modulo threads; with one thread, its own).  A packet goes
 * round `laps` times and ends at the thread that sent it, by then made of objects of all threads: most objects die on
 * a thread that did not allocate them.  A queue is a range of slots in one heap array, null when empty: a put is a
 * compare-and-swap from null, a take a swap with null.
 *
 *   thread   takes from        puts into
 *   t        slots of queue t  slots of queue t + 1      one taker and one putter for each queue
 *
 * No deadlock: a thread has fewer packets under way than a queue has slots, so some queue is never full. */
#include <sched.h>

#include "runtime/base/rng.h"
#include "runtime/gc.h"
#include "runtime/workload.h"

struct stamp { /* one stop on a packet's way */
  struct gc_header header;
  gc_field before;
  uint64_t serial, stop;
};

struct packet {
  struct gc_header header;
  gc_field trail; /* stamps, the latest first */
  uint64_t serial;
  uint64_t stops; /* stamps so far; only the thread that holds the packet writes */
};

enum { TYPE_stamp = GC_TYPE_FIRST, TYPE_packet };
static const struct gc_type types[] = {GC_TYPE(stamp, before, 1), GC_TYPE(packet, trail, 1)};

enum { P_PACKETS, P_LAPS, P_SLOTS, P_KEEP };
static const struct gc_option params[] = {
    {"packets", GC_OPTION_INT, 1, 1e12, .fallback = "100000", .help = "packets in all; every thread handles each"},
    {"laps", GC_OPTION_INT, 1, 10000, .fallback = "8", .help = "times that a packet goes round all threads"},
    {"slots", GC_OPTION_INT, 2, 1e6, .fallback = "64", .help = "slots of a queue"},
    {"keep", GC_OPTION_INT, 1, 1e9, .fallback = "5000", .help = "the last packets to be sent stay alive at the end"},
    {0}};

enum { GLOBAL_QUEUES = 0, GLOBAL_KEPT = 1, FRUITLESS_POLLS = 64 };

static uint64_t stops_of(const struct gc_work *work) { return (uint64_t)work_int(work, P_LAPS) * work->threads; }

static uint64_t kept_count(const struct gc_work *work) {
  int64_t packets = work_int(work, P_PACKETS), keep = work_int(work, P_KEEP);
  return (uint64_t)(keep < packets ? keep : packets);
}

/* ---- queues ---- */

/* One end of a queue. */
struct queue_end {
  uint64_t first, position; /* the queue's first slot; this end's slot in it */
};

static struct queue_end queue_end(const struct gc_work *work, unsigned queue) {
  return (struct queue_end){.first = (uint64_t)queue * (uint64_t)work_int(work, P_SLOTS)};
}

static void queue_advance(const struct gc_work *work, struct queue_end *end) {
  if (++end->position == (uint64_t)work_int(work, P_SLOTS))
    end->position = 0;
}

/* Null if the queue is empty. */
static gc_ref queue_take(struct gc_mutator *m, const struct gc_work *work, gc_ref queues, struct queue_end *end) {
  gc_field *slot = gc_array_slot(m, queues, end->first + end->position);
  if (gc_is_null(gc_load(m, queues, slot)))
    return GC_NULL;
  gc_ref packet = gc_swap(m, queues, slot, GC_NULL);
  queue_advance(work, end);
  return packet;
}

/* Returns false if the queue is full. */
static bool queue_put(struct gc_mutator *m, const struct gc_work *work, gc_ref queues, struct queue_end *end,
                      gc_ref packet) {
  gc_field *slot = gc_array_slot(m, queues, end->first + end->position);
  if (!gc_is_null(gc_load(m, queues, slot)) || !gc_cas(m, queues, slot, GC_NULL, packet))
    return false;
  queue_advance(work, end);
  return true;
}

/* ---- packets ---- */

static gc_ref packet_new(struct gc_mutator *m, uint64_t serial) {
  gc_ref packet = GC_NEW(m, packet);
  GC_PUT(m, packet, packet, serial, serial);
  return packet;
}

/* Fails unless `packet` has the whole trail of packet `serial`.  Returns a number that tells it from others. */
static uint64_t packet_check(struct gc_mutator *m, const struct gc_work *work, gc_ref packet, uint64_t serial) {
  uint64_t stops = stops_of(work);
  if (gc_is_null(packet) || GC_DEREF(m, packet, packet)->serial != serial ||
      GC_DEREF(m, packet, packet)->stops != stops)
    work_fail(work, "packet %llu is gone or has changed", (unsigned long long)serial);
  gc_ref stamp = GC_LOAD(m, packet, packet, trail);
  for (uint64_t stop = stops; stop > 0; stop--) {
    if (gc_is_null(stamp) || GC_DEREF(m, stamp, stamp)->serial != serial || GC_DEREF(m, stamp, stamp)->stop != stop)
      work_fail(work, "stop %llu of packet %llu is gone or has changed", (unsigned long long)stop,
                (unsigned long long)serial);
    stamp = GC_LOAD(m, stamp, stamp, before);
  }
  if (!gc_is_null(stamp))
    work_fail(work, "packet %llu began before it was sent", (unsigned long long)serial);
  return rng_mix(serial, stops);
}

/* Adds this thread's stamp. */
static void packet_stamp(struct gc_mutator *m, const struct gc_work *work, const gc_root *root) {
  gc_ref stamp = GC_NEW(m, stamp);
  gc_ref packet = gc_get(m, root);
  uint64_t serial = GC_DEREF(m, packet, packet)->serial, stop = GC_DEREF(m, packet, packet)->stops + 1;
  if ((serial + stop) % work->threads != work->thread)
    work_fail(work, "packet %llu took a wrong turn", (unsigned long long)serial);
  GC_INIT(m, stamp, stamp, before, GC_LOAD(m, packet, packet, trail));
  GC_PUT(m, stamp, stamp, serial, serial);
  GC_PUT(m, stamp, stamp, stop, stop);
  GC_STORE(m, packet, packet, trail, stamp);
  GC_PUT(m, packet, packet, stops, stop);
}

/* A packet is back at its sender. */
static uint64_t packet_finish(struct gc_mutator *m, const struct gc_work *work, gc_ref packet) {
  uint64_t serial = GC_DEREF(m, packet, packet)->serial;
  uint64_t first_kept = (uint64_t)work_int(work, P_PACKETS) - kept_count(work);
  if (serial >= first_kept)
    gc_array_store(m, gc_global_load(m, GLOBAL_KEPT), serial - first_kept, packet);
  return packet_check(m, work, packet, serial);
}

/* ---- the work of a thread ---- */

static void pause_briefly(struct gc_mutator *m, unsigned *fruitless) {
  gc_poll(m);
  if (++*fruitless < FRUITLESS_POLLS)
    return;
  gc_block(m);
  sched_yield();
  gc_unblock(m);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t packets = (uint64_t)work_int(work, P_PACKETS), stops = stops_of(work);
  uint64_t to_take = packets * (uint64_t)work_int(work, P_LAPS); /* each packet comes by once a lap */
  uint64_t next_serial = work->thread, sum = 0;
  int64_t under_way = 0, most_under_way = work_int(work, P_SLOTS) - 1;
  struct queue_end input = queue_end(work, work->thread);
  struct queue_end output = queue_end(work, (work->thread + 1) % work->threads);
  unsigned fruitless = 0;
  GC_ROOTS(m, r, queues, held); /* held: waits for room in the output */
  gc_set(m, &r.queues, gc_global_load(m, GLOBAL_QUEUES));
  while (to_take > 0 || !gc_is_null(gc_get(m, &r.held))) {
    gc_poll(m);
    if (!gc_is_null(gc_get(m, &r.held))) {
      if (!queue_put(m, work, gc_get(m, &r.queues), &output, gc_get(m, &r.held))) {
        pause_briefly(m, &fruitless);
        continue;
      }
      gc_set(m, &r.held, GC_NULL);
      fruitless = 0;
    }
    gc_set(m, &r.held, queue_take(m, work, gc_get(m, &r.queues), &input));
    if (!gc_is_null(gc_get(m, &r.held))) {
      fruitless = 0;
      to_take--;
      packet_stamp(m, work, &r.held);
      if (GC_DEREF(m, packet, gc_get(m, &r.held))->stops == stops) {
        sum += packet_finish(m, work, gc_get(m, &r.held));
        gc_set(m, &r.held, GC_NULL);
        under_way--;
      }
    } else if (next_serial < packets && under_way < most_under_way) {
      gc_set(m, &r.held, packet_new(m, next_serial));
      next_serial += work->threads;
      under_way++;
    } else if (to_take > 0) {
      pause_briefly(m, &fruitless);
    }
  }
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, packets * (uint64_t)work_int(work, P_LAPS));
  return sum;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  gc_ref queues = gc_alloc_array(m, (uint64_t)work_int(work, P_SLOTS) * work->threads);
  gc_global_store(m, GLOBAL_QUEUES, queues);
  gc_ref kept = gc_alloc_array(m, kept_count(work));
  gc_global_store(m, GLOBAL_KEPT, kept);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t slots = (uint64_t)work_int(work, P_SLOTS) * work->threads, kept = kept_count(work), sum = 0;
  uint64_t first_kept = (uint64_t)work_int(work, P_PACKETS) - kept;
  GC_ROOTS(m, r, queues, kept);
  gc_set(m, &r.queues, gc_global_load(m, GLOBAL_QUEUES));
  gc_set(m, &r.kept, gc_global_load(m, GLOBAL_KEPT));
  if (gc_is_null(gc_get(m, &r.queues)) || gc_array_length(m, gc_get(m, &r.queues)) != slots)
    work_fail(work, "the queues are gone or have another length");
  if (gc_is_null(gc_get(m, &r.kept)) || gc_array_length(m, gc_get(m, &r.kept)) != kept)
    work_fail(work, "the kept packets are gone or are not as many");
  for (uint64_t i = 0; i < slots; i++) {
    gc_poll(m);
    if (!gc_is_null(gc_array_load(m, gc_get(m, &r.queues), i)))
      work_fail(work, "slot %llu of the queues is not empty at the end", (unsigned long long)i);
  }
  for (uint64_t i = 0; i < kept; i++) {
    gc_poll(m);
    sum += packet_check(m, work, gc_array_load(m, gc_get(m, &r.kept), i), first_kept + i);
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

GC_WORKLOAD(.name = "pipeline", .summary = "packets handed round a ring of threads through bounded queues",
            .stresses = "Objects that die on a thread other than their allocator's; atomic stores to shared slots; "
                        "threads that wait for one another while the world must stop.",
            .operation = "packets handed on",
            .source = "gclab's own; the shape of queue and actor-ring benchmarks", .sharing = GC_WORK_COPIES,
            .types = types, .type_count = 2, .params = params,
            .small = "packets=1000,laps=2,slots=8,keep=200", .prepare = prepare, .run = run, .check = check);
