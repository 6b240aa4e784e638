/* stream.c -- a sequence that is made and used item by item, chunk by chunk, or as a whole.
 *
 *   chunk=1       a generator: an object that makes the next item when it is asked for it
 *   chunk=n       n items are made, used and dropped at a time
 *   chunk=0       a list of all items is made first
 *
 * Items are numbers, or rows of a CSV file of 100 bytes each, which are read from a temporary file that prepare wrote.
 * All items are made by the same generator, so that variants differ in what they keep alive alone. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/rng.h"
#include "workloads/deep.h"
#include "workloads/lane.h"

struct number {
  struct gc_header header;
  uint64_t value;
};

struct row {
  struct gc_header header;
  gc_field name, comment; /* raw */
  uint64_t id, amount;
};

/* A thread's sequence: an iterator with what its frame keeps between two items. */
struct generator {
  struct gc_header header;
  gc_field item;  /* the latest one; null if chunks are made */
  gc_field chunk; /* array of the latest ones; null if there are none */
  uint64_t next, thread;
};

enum { TYPE_number = GC_TYPE_FIRST, TYPE_row, TYPE_generator };
static const struct gc_type types[] = {GC_TYPE_LEAF(number), GC_TYPE(row, name, 2), GC_TYPE(generator, item, 2)};

enum { P_SOURCE, P_CHUNK, P_ITEMS };
enum { NUMBERS, CSV };
static const char *const sources[] = {"numbers", "csv", NULL};
static const struct gc_option params[] = {
    {"source", GC_OPTION_CHOICE, 0, 0, sources, "numbers", "where items come from"},
    {"chunk", GC_OPTION_INT, 0, 1e9, .fallback = "1", .help = "items made at a time; 0: all"},
    {"items", GC_OPTION_INT, 1, 1e9, .fallback = "1000000",
     .help = "of each thread, rounded down to whole chunks; a million rows are a file of 100 MB"},
    {0}};

enum { F_PEAK };
static const struct gc_figure figures[] = {
    {"live_peak_bytes", "of what the program needs of the sequence at a time, the collector's additions left out"},
    {0}};

/* A row: id, name, amount and comment. */
enum { ID_BYTES = 12, NAME_BYTES = 20, AMOUNT_BYTES = 10, COMMENT_BYTES = 54, ROW_BYTES = 100, BUFFER_ROWS = 640 };
enum { NAME_AT = ID_BYTES + 1, AMOUNT_AT = NAME_AT + NAME_BYTES + 1, COMMENT_AT = AMOUNT_AT + AMOUNT_BYTES + 1 };
_Static_assert(COMMENT_AT + COMMENT_BYTES + 1 == ROW_BYTES, "a row ends in a new line");

/* The file of all threads' rows; the last thread that has read its own closes it. */
struct shared {
  FILE *file;
  _Atomic unsigned readers;
};

/* A thread's place in the file.  Rows [first, end) are in the buffer. */
struct reader {
  char *buffer;
  uint64_t first, end;
};

/* ---- sizes ---- */

static uint64_t chunk_of(const struct gc_work *work) {
  uint64_t chunk = (uint64_t)work_int(work, P_CHUNK), items = (uint64_t)work_int(work, P_ITEMS);
  return chunk == 0 || chunk > items ? items : chunk;
}

static uint64_t items_of(const struct gc_work *work) {
  return (uint64_t)work_int(work, P_ITEMS) / chunk_of(work) * chunk_of(work);
}

static bool has_chunks(const struct gc_work *work) { return work_int(work, P_CHUNK) != 1; }

/* ---- rows as text ---- */

static uint64_t row_id(const struct gc_work *work, unsigned thread, uint64_t index) {
  return thread * items_of(work) + index + 1;
}
static uint64_t row_amount(uint64_t id) { return rng_mix(id, 1) % 1000000000; }

static void put_decimal(char *text, unsigned digits, uint64_t number) {
  for (; digits > 0; number /= 10)
    text[--digits] = (char)('0' + number % 10);
}

static uint64_t take_decimal(const char *text, unsigned digits) {
  uint64_t number = 0;
  for (unsigned i = 0; i < digits; i++)
    number = 10 * number + (uint64_t)(text[i] - '0');
  return number;
}

static void put_letters(char *text, unsigned letters, uint64_t seed) {
  uint64_t random = rng_stream(seed, letters);
  for (unsigned i = 0; i < letters; i++)
    text[i] = (char)('a' + rng_below(&random, 26));
}

static void row_format(char text[ROW_BYTES], uint64_t id) {
  memset(text, ',', ROW_BYTES);
  put_decimal(text, ID_BYTES, id);
  put_letters(text + NAME_AT, NAME_BYTES, id);
  put_decimal(text + AMOUNT_AT, AMOUNT_BYTES, row_amount(id));
  put_letters(text + COMMENT_AT, COMMENT_BYTES, id);
  text[ROW_BYTES - 1] = '\n';
}

/* ---- the file ---- */

/* By thread 0, blocked. */
static FILE *file_write(const struct gc_work *work) {
  FILE *file = tmpfile();
  char row[ROW_BYTES];
  uint64_t rows = work->threads * items_of(work);
  bool whole = file != NULL;
  for (uint64_t i = 0; whole && i < rows; i++) {
    row_format(row, i + 1);
    whole = fwrite(row, ROW_BYTES, 1, file) == 1;
  }
  if (!whole || fflush(file) != 0)
    work_fail(work, "a temporary file of %llu bytes could not be written: %s; make room in %s, or give fewer items",
              (unsigned long long)rows * ROW_BYTES, strerror(errno), P_tmpdir);
  return file;
}

static void reader_init(const struct gc_work *work, struct reader *reader) {
  *reader = (struct reader){.buffer = malloc((size_t)BUFFER_ROWS * ROW_BYTES)};
  if (!reader->buffer)
    work_fail(work, "no memory for a buffer");
}

static void reader_fini(const struct gc_work *work, struct reader *reader) {
  struct shared *shared = work->shared;
  free(reader->buffer);
  if (atomic_fetch_sub(&shared->readers, 1) == 1) /* seq_cst: pairs with the others'; their reads are over */
    fclose(shared->file);
}

/* Row `index` of this thread; good until the next call. */
static const char *reader_row(struct gc_mutator *m, const struct gc_work *work, struct reader *reader, uint64_t index) {
  const struct shared *shared = work->shared;
  if (index >= reader->end) {
    uint64_t left = items_of(work) - index, rows = left < BUFFER_ROWS ? left : BUFFER_ROWS;
    gc_block(m);
    ssize_t got = pread(fileno(shared->file), reader->buffer, rows * ROW_BYTES,
                        (off_t)((row_id(work, work->thread, index) - 1) * ROW_BYTES));
    gc_unblock(m);
    if (got != (ssize_t)(rows * ROW_BYTES))
      work_fail(work, "row %llu cannot be read", (unsigned long long)index);
    reader->first = index;
    reader->end = index + rows;
  }
  return reader->buffer + (index - reader->first) * ROW_BYTES;
}

/* ---- items ---- */

static gc_ref text_new(struct gc_mutator *m, const char *text, size_t bytes) {
  gc_ref raw = gc_alloc_raw(m, bytes);
  memcpy(gc_raw_data(m, raw), text, bytes);
  return raw;
}

static gc_ref row_new(struct gc_mutator *m, const char *text) {
  GC_ROOTS(m, r, name, comment);
  gc_set(m, &r.name, text_new(m, text + NAME_AT, NAME_BYTES));
  gc_set(m, &r.comment, text_new(m, text + COMMENT_AT, COMMENT_BYTES));
  gc_ref row = GC_NEW(m, row);
  GC_INIT(m, row, row, name, gc_get(m, &r.name));
  GC_INIT(m, row, row, comment, gc_get(m, &r.comment));
  GC_PUT(m, row, row, id, take_decimal(text, ID_BYTES));
  GC_PUT(m, row, row, amount, take_decimal(text + AMOUNT_AT, AMOUNT_BYTES));
  gc_frame_pop(m, &r.frame);
  return row;
}

static gc_ref number_new(struct gc_mutator *m, uint64_t value) {
  gc_ref number = GC_NEW(m, number);
  GC_PUT(m, number, number, value, value);
  return number;
}

/* What the program makes of an item. */
static uint64_t item_value(struct gc_mutator *m, const struct gc_work *work, gc_ref item) {
  return work_int(work, P_SOURCE) == CSV ? GC_DEREF(m, row, item)->amount : GC_DEREF(m, number, item)->value;
}

/* Resumes the generator until it yields. */
static gc_ref generator_next(struct gc_mutator *m, const struct gc_work *work, struct reader *reader,
                             const gc_root *generator) {
  uint64_t index = GC_DEREF(m, generator, gc_get(m, generator))->next;
  gc_ref item;
  if (work_int(work, P_SOURCE) == CSV)
    item = row_new(m, reader_row(m, work, reader, index));
  else
    item = number_new(m, row_id(work, work->thread, index));
  GC_PUT(m, gc_get(m, generator), generator, next, index + 1);
  return item;
}

/* ---- the sequence ---- */

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  struct shared *shared = work->shared;
  lanes_create(m, work);
  gc_block(m);
  if (work_int(work, P_SOURCE) == CSV)
    *shared = (struct shared){file_write(work), work->threads};
  gc_unblock(m);
}

static uint64_t use_items(struct gc_mutator *m, const struct gc_work *work, struct reader *reader,
                          const gc_root *generator) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < items_of(work); i++) {
    gc_ref item = generator_next(m, work, reader, generator);
    GC_STORE(m, gc_get(m, generator), generator, item, item);
    sum += item_value(m, work, item);
  }
  return sum;
}

static uint64_t use_chunks(struct gc_mutator *m, const struct gc_work *work, struct reader *reader,
                           const gc_root *generator) {
  uint64_t sum = 0;
  for (uint64_t done = 0; done < items_of(work); done += chunk_of(work)) {
    GC_STORE(m, gc_get(m, generator), generator, chunk, GC_NULL); /* the one before is dropped first */
    gc_ref chunk = gc_alloc_array(m, chunk_of(work));
    GC_STORE(m, gc_get(m, generator), generator, chunk, chunk);
    for (uint64_t i = 0; i < chunk_of(work); i++) {
      gc_ref item = generator_next(m, work, reader, generator);
      gc_array_store(m, GC_LOAD(m, gc_get(m, generator), generator, chunk), i, item);
    }
    for (uint64_t i = 0; i < chunk_of(work); i++) {
      gc_poll(m);
      sum += item_value(m, work, gc_array_load(m, GC_LOAD(m, gc_get(m, generator), generator, chunk), i));
    }
  }
  return sum;
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  struct reader reader = {0};
  GC_ROOTS(m, r, generator);
  gc_set(m, &r.generator, GC_NEW(m, generator));
  GC_PUT(m, gc_get(m, &r.generator), generator, thread, work->thread);
  if (work_int(work, P_SOURCE) == CSV)
    reader_init(work, &reader);
  uint64_t sum = has_chunks(work) ? use_chunks(m, work, &reader, &r.generator)
                                  : use_items(m, work, &reader, &r.generator);
  if (work_int(work, P_SOURCE) == CSV)
    reader_fini(work, &reader);
  lane_store(m, work, gc_get(m, &r.generator));
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, items_of(work));
  return sum;
}

/* ---- checking: what the generator still holds is the end of the sequence ---- */

static void text_check(struct gc_mutator *m, const struct gc_work *work, gc_ref raw, const char *text, size_t bytes) {
  if (gc_is_null(raw) || GC_DEREF(m, gc_raw, raw)->length_bytes != bytes ||
      memcmp(gc_raw_data(m, raw), text, bytes) != 0)
    work_fail(work, "a text is not '%.*s' any more", (int)bytes, text);
}

static void item_check(struct gc_mutator *m, const struct gc_work *work, gc_ref item, uint64_t id) {
  if (gc_is_null(item))
    work_fail(work, "item %llu is gone", (unsigned long long)id);
  if (work_int(work, P_SOURCE) == CSV) {
    char text[ROW_BYTES];
    row_format(text, id);
    if (GC_DEREF(m, row, item)->id != id || GC_DEREF(m, row, item)->amount != row_amount(id))
      work_fail(work, "row %llu has changed", (unsigned long long)id);
    text_check(m, work, GC_LOAD(m, item, row, name), text + NAME_AT, NAME_BYTES);
    text_check(m, work, GC_LOAD(m, item, row, comment), text + COMMENT_AT, COMMENT_BYTES);
  } else if (GC_DEREF(m, number, item)->value != id) {
    work_fail(work, "number %llu has changed", (unsigned long long)id);
  }
}

static void generator_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread,
                            const gc_root *generator) {
  const struct generator *frame = GC_DEREF(m, generator, gc_get(m, generator));
  if (frame->thread != thread || frame->next != items_of(work))
    work_fail(work, "the generator of thread %u has changed", thread);
  gc_ref item = GC_LOAD(m, gc_get(m, generator), generator, item);
  gc_ref chunk = GC_LOAD(m, gc_get(m, generator), generator, chunk);
  if (gc_is_null(has_chunks(work) ? chunk : item) || !gc_is_null(has_chunks(work) ? item : chunk))
    work_fail(work, "the generator of thread %u holds what it should not", thread);
  if (!has_chunks(work)) {
    item_check(m, work, item, row_id(work, thread, items_of(work) - 1));
    return;
  }
  array_check(m, work, chunk, chunk_of(work));
  for (uint64_t i = 0; i < chunk_of(work); i++) {
    gc_poll(m);
    item_check(m, work, gc_array_load(m, GC_LOAD(m, gc_get(m, generator), generator, chunk), i),
               row_id(work, thread, items_of(work) - chunk_of(work) + i));
  }
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, generator);
  for (unsigned thread = work->threads; thread-- > 0;) {
    gc_set(m, &r.generator, lane_check(m, work, thread));
    generator_check(m, work, thread, &r.generator);
  }
  work_set_figure(work, F_PEAK, deep_bytes(m, &r.generator)); /* every chunk is as large as the last one */
  gc_frame_pop(m, &r.frame);
  return items_of(work);
}

GC_WORKLOAD(.name = "stream", .summary = "a sequence used item by item, in chunks, or as a whole; a CSV file",
            .stresses = "With chunk=1 every object dies young, whatever the length; with chunk=0 none dies and memory "
                        "grows with it.",
            .operation = "items", .source = "gclab's own", .sharing = GC_WORK_COPIES, .types = types, .type_count = 3,
            .params = params, .figures = figures, .small = "source=csv,chunk=100,items=3000",
            .shared_bytes = sizeof(struct shared), .prepare = prepare, .run = run, .check = check);
