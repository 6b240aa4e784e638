/* corruption.c -- a change of any one field of a live object changes the checksum of its workload, or fails its check.
 *
 * After a run under marksweep, a sample of the reachable objects of each type is taken.  Each word of them after the
 * header is changed in turn, as the list below says, each time in a child process of its own, which then calls
 * `check`:
 *   reference        null; another live object of the same type
 *   null reference   the object to which this field of another object refers, or one of the holder's type
 *   scalar           a bit of its lower half, a bit of its upper half
 *   array            some of its slots; a length that is less
 *   raw data         a bit of some bytes; a length that is less
 * A check that returns the same sum, crashes or does not end misses the corruption. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/rng.h"
#include "runtime/object/type.h"
#include "runtime/verify/verify.h"
#include "tests/workloads/runner.h"
#include "tests/workloads/sizes.h"
#include "tests/workloads/tests.h"

enum { SAMPLES = SANITIZED ? 4 : 64, SLOT_SAMPLES = 12, BYTE_SAMPLES = 6, HEAP_BYTES = 256 * 1024 * 1024 };
enum { LIMIT_S = 20, RUN_LIMIT_S = 600, MISSES_PRINTED = 40 };
enum { EXIT_CAUGHT = 0, EXIT_MISSED = 1 };

struct objects {
  gc_ref *object;
  size_t count, capacity;
};

/* Counts are shared with the parent. */
struct totals {
  uint64_t tried, missed;
};

struct campaign {
  struct run_end *end;
  struct objects all, of_type[GC_TYPE_LIMIT];
  uint64_t random;
  struct totals *totals;
};

/* ---- the live objects ---- */

static void add(struct objects *objects, gc_ref object) {
  if (objects->count == objects->capacity) {
    objects->capacity = objects->capacity ? 2 * objects->capacity : 256;
    objects->object = realloc(objects->object, objects->capacity * sizeof *objects->object);
    if (!objects->object)
      abort();
  }
  objects->object[objects->count++] = object;
}

static bool visit(void *context, gc_ref object) {
  struct campaign *c = context;
  add(&c->all, object);
  add(&c->of_type[object_type(object)], object);
  return true;
}

static uint64_t *word_at(gc_ref object, size_t offset_bytes) { return (uint64_t *)(object.bits + offset_bytes); }

/* An object of `type` other than those two; null if there is none. */
static gc_ref other_object(struct campaign *c, uint32_t type, uint64_t bits, uint64_t also) {
  const struct objects *objects = &c->of_type[type];
  for (unsigned attempt = 0; objects->count && attempt < 16; attempt++) {
    gc_ref object = objects->object[rng_below(&c->random, objects->count)];
    if (object.bits != bits && object.bits != also)
      return object;
  }
  return GC_NULL;
}

/* ---- one corruption ---- */

static void caught(const struct gc_work *work, const char *message) {
  (void)work, (void)message;
  _exit(EXIT_CAUGHT);
}

/* In the child. */
static _Noreturn void check_again(struct campaign *c) {
  struct run_end *end = c->end;
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  alarm(LIMIT_S);
  end->work->fail = caught;
  uint64_t sum = end->pair->check ? end->pair->check(end->m, end->work) : 0;
  _exit(sum == end->check_sum ? EXIT_MISSED : EXIT_CAUGHT);
}

static void report_miss(struct campaign *c, gc_ref object, size_t offset_bytes, const char *what, int status) {
  if (c->totals->missed++ >= MISSES_PRINTED)
    return;
  const char *how = WIFEXITED(status) ? "the same sum" : WTERMSIG(status) == SIGALRM ? "no end" : "a crash";
  printf("missed, %s: %s, %u threads, %s at offset %zu of %zu: %s (was %llx)\n", how, c->end->pair->name,
         c->end->work->threads, gc_types[object_type(object)].name, offset_bytes, object_bytes(object), what,
         (unsigned long long)*word_at(object, offset_bytes & ~(size_t)7));
  fflush(stdout);
}

/* Writes `value` into the word at `offset_bytes`, in a child, and lets that check.  Returns its wait status. */
static int child_status(struct campaign *c, gc_ref object, size_t offset_bytes, uint64_t value) {
  pid_t child = fork();
  if (child == 0) {
    *word_at(object, offset_bytes) = value;
    check_again(c);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    abort();
  return status;
}

static void corrupt(struct campaign *c, gc_ref object, size_t offset_bytes, uint64_t value, const char *what) {
  int status = child_status(c, object, offset_bytes, value);
  c->totals->tried++;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_CAUGHT)
    report_miss(c, object, offset_bytes, what, status);
}

/* ---- the corruptions of one object ---- */

static void corrupt_scalar(struct campaign *c, gc_ref object, size_t offset) {
  uint64_t old = *word_at(object, offset);
  corrupt(c, object, offset, old ^ 1ull << rng_below(&c->random, 32), "a lower bit is flipped");
  corrupt(c, object, offset, old ^ 1ull << (32 + rng_below(&c->random, 32)), "an upper bit is flipped");
}

/* `stray`: what a null reference is replaced by. */
static void corrupt_reference(struct campaign *c, gc_ref object, size_t offset, gc_ref stray) {
  uint64_t old = *word_at(object, offset);
  if (old == 0) {
    if (!gc_is_null(stray))
      corrupt(c, object, offset, stray.bits, "null becomes an object");
    return;
  }
  corrupt(c, object, offset, 0, "becomes null");
  gc_ref other = other_object(c, object_type((gc_ref){old}), old, 0);
  if (!gc_is_null(other))
    corrupt(c, object, offset, other.bits, "becomes another object of the type");
}

/* What the word at `offset` is in some object of the type where it is not null; else an object of the type. */
static gc_ref stray_for(struct campaign *c, gc_ref object, size_t offset) {
  const struct objects *same = &c->of_type[object_type(object)];
  size_t start = rng_below(&c->random, same->count);
  for (size_t i = 0; i < same->count; i++) {
    uint64_t bits = *word_at(same->object[(start + i) % same->count], offset);
    if (bits)
      return (gc_ref){bits};
  }
  return other_object(c, object_type(object), 0, 0);
}

static bool is_reference(const struct gc_type *type, size_t offset) {
  if (offset >= type->refs_offset && offset < type->refs_offset + 8u * type->refs_count)
    return true;
  for (const uint16_t *more = type->more_refs; more && *more; more++)
    if (*more == offset)
      return true;
  return false;
}

static void corrupt_fixed(struct campaign *c, gc_ref object, const struct gc_type *type) {
  bool globals = object_type(object) == GC_TYPE_GLOBALS;
  size_t offset = type->kind == GC_KIND_WEAK ? sizeof(struct gc_weak) : sizeof(struct gc_header);
  for (; offset < type->size_bytes; offset += 8) {
    if (!is_reference(type, offset))
      corrupt_scalar(c, object, offset);
    else if (!globals || *word_at(object, offset)) /* most globals belong to nobody */
      corrupt_reference(c, object, offset, globals ? GC_NULL : stray_for(c, object, offset));
  }
}

/* The non-null slots of the array from `start` on come round; null if there are none. */
static gc_ref slot_after(const struct gc_array *array, uint64_t start) {
  for (uint64_t i = 0; i < array->length; i++) {
    uintptr_t bits = field_bits(&array->slot[(start + i) % array->length]);
    if (bits)
      return (gc_ref){bits};
  }
  return GC_NULL;
}

static void corrupt_array(struct campaign *c, gc_ref object) {
  const struct gc_array *array = (const struct gc_array *)object.bits;
  uint64_t length = array->length, samples = length < SLOT_SAMPLES ? length : SLOT_SAMPLES;
  if (length == 0)
    return;
  corrupt(c, object, offsetof(struct gc_array, length), length - 1, "the length is one less");
  corrupt(c, object, offsetof(struct gc_array, length), rng_below(&c->random, length), "the length is less");
  for (uint64_t i = 0; i < samples; i++) {
    uint64_t slot = samples == length ? i : i == 0 ? 0 : i == 1 ? length - 1 : rng_below(&c->random, length);
    gc_ref stray = slot_after(array, rng_below(&c->random, length));
    if (gc_is_null(stray))
      stray = other_object(c, GC_TYPE_FIRST, 0, 0);
    corrupt_reference(c, object, offsetof(struct gc_array, slot) + slot * sizeof(gc_field), stray);
  }
}

static void corrupt_byte(struct campaign *c, gc_ref object, size_t offset) {
  size_t word = offset & ~(size_t)7;
  uint64_t bit = 1ull << (8 * (offset - word) + rng_below(&c->random, 8));
  corrupt(c, object, word, *word_at(object, word) ^ bit, "a bit of a byte is flipped");
}

static void corrupt_raw(struct campaign *c, gc_ref object) {
  uint64_t length = ((const struct gc_raw *)object.bits)->length_bytes;
  size_t data = offsetof(struct gc_raw, data);
  if (length == 0)
    return;
  corrupt(c, object, offsetof(struct gc_raw, length_bytes), length - 1, "the length is one less");
  corrupt(c, object, offsetof(struct gc_raw, length_bytes), rng_below(&c->random, length), "the length is less");
  corrupt_byte(c, object, data);
  corrupt_byte(c, object, data + length - 1);
  for (unsigned i = 2; i < BYTE_SAMPLES; i++)
    corrupt_byte(c, object, data + rng_below(&c->random, length));
}

static void corrupt_object(struct campaign *c, gc_ref object) {
  const struct gc_type *type = object_descriptor(object);
  switch (type->kind) {
  case GC_KIND_FIXED: corrupt_fixed(c, object, type); break;
  case GC_KIND_REF_ARRAY: corrupt_array(c, object); break;
  case GC_KIND_RAW_ARRAY: corrupt_raw(c, object); break;
  case GC_KIND_WEAK:
    corrupt_reference(c, object, offsetof(struct gc_weak, target), GC_NULL);
    corrupt_fixed(c, object, type);
    break;
  case GC_KIND_EPHEMERON:
    corrupt_reference(c, object, offsetof(struct gc_ephemeron, key), GC_NULL);
    corrupt_reference(c, object, offsetof(struct gc_ephemeron, value), GC_NULL);
    break;
  }
}

/* ---- one run and its corruptions ---- */

/* The check must be repeatable, or every corruption would seem to be caught: here nothing is changed. */
static void expect_control_missed(struct campaign *c) {
  gc_ref any = c->all.object[0];
  if (child_status(c, any, 0, *word_at(any, 0)) != EXIT_MISSED << 8)
    work_fail(c->end->work, "the check fails or returns another sum when it is called again");
}

static void corrupt_sample(void *context, struct run_end *end) {
  struct campaign *c = context;
  c->end = end;
  if (!verify_for_reachable(end->work->heap, c, visit))
    work_fail(end->work, "no memory for the list of live objects");
  expect_control_missed(c);
  for (uint32_t type = 0; type < gc_type_count; type++) {
    struct objects *objects = &c->of_type[type];
    for (size_t left = SAMPLES; left > 0 && objects->count > 0; left--) {
      if (objects->count <= SAMPLES && left > objects->count)
        left = objects->count;
      size_t index = objects->count <= SAMPLES ? left - 1 : rng_below(&c->random, objects->count);
      corrupt_object(c, objects->object[index]);
    }
  }
}

/* Returns how many runs failed. */
static int corrupt_run(const struct run_spec *spec, struct totals *totals) {
  static struct run_result *result;
  static struct campaign campaign;
  if (!result)
    result = shared_memory(sizeof *result);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(RUN_LIMIT_S);
    campaign = (struct campaign){.random = rng_stream(spec->seed, spec->threads), .totals = totals};
    run_here(spec, result, corrupt_sample, &campaign);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return 1;
  if (status == 0 && result->status == RUN_OK)
    return 0;
  char text[512];
  run_format(spec, text, sizeof text);
  printf("%s, wait status %x (%s): %s\n", run_status_name(result->status), (unsigned)status, result->message, text);
  return 1;
}

int corruption_test(const char *workload, uint64_t seed) {
  const struct gc_workload *pair = registry_pair(workload, "marksweep", false);
  if (!pair) {
    printf("this build has no marksweep\n");
    return 1;
  }
  const struct workload_size *sizes;
  size_t size_count = workload_sizes(workload, &sizes);
  struct totals *totals = shared_memory(sizeof *totals);
  int failures = 0;
  for (size_t i = 0; i < size_count; i++)
    for (unsigned threads = 1; threads <= 2; threads++) {
      struct run_spec spec = {.pair = pair, .params = sizes[i].params, .options = "", .threads = threads,
                              .iterations = 1, .gc_threads = 1, .heap_bytes = HEAP_BYTES, .seed = seed + i};
      if (!run_unsupported(pair, sizes[i].params, threads))
        failures += corrupt_run(&spec, totals);
    }
  printf("%llu corruptions, %llu missed\n", (unsigned long long)totals->tried, (unsigned long long)totals->missed);
  if (totals->tried == 0)
    failures++;
  return failures + (int)(totals->missed > 0);
}
