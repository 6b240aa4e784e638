#include "runtime/verify/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"

enum { PRINTED_FAST = 16, PLACE_BYTES = 160, STEPS_MOST = 64 };

void findings_begin(struct findings *findings, struct gc_heap *heap, enum verifier verifier) {
  *findings = (struct findings){.heap = heap, .verifier = verifier};
}

/* ---- places ---- */

static const char *type_name(gc_ref object) {
  const char *name = gc_types[object_word(object) >> 16 & 0xffff].name;
  return name ? name : "?";
}

/* Which root a slot outside all objects is. */
static void name_root(struct gc_heap *heap, const gc_field *slot, char *text, size_t bytes) {
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next) {
    unsigned depth = 0;
    for (struct gc_frame *frame = m->frames; frame; frame = frame->previous, depth++) {
      size_t index = (size_t)(slot - (const gc_field *)(frame + 1));
      if ((uintptr_t)slot >= (uintptr_t)(frame + 1) && index < frame->count) {
        snprintf(text, bytes, "a root (number %zu of frame %u of mutator %u)", index, depth, m->index);
        return;
      }
    }
  }
  snprintf(text, bytes, slot ? "a root (due finalizers)" : "a root");
}

static void name_place(struct gc_heap *heap, gc_ref source, const gc_field *slot, char *text, size_t bytes) {
  if (gc_is_null(source))
    name_root(heap, slot, text, bytes);
  else if (slot)
    snprintf(text, bytes, "%s %p+%zu", type_name(source), (void *)source.bits, (size_t)((uintptr_t)slot - source.bits));
  else
    snprintf(text, bytes, "%s %p", type_name(source), (void *)source.bits);
}

/* ---- paths ---- */

struct seek {
  struct gc_heap *heap;
  gc_ref target;
  const gc_field *slot; /* the first one that refers to it */
};

static void seek_slot(void *context, gc_ref source, const gc_field *slot) {
  struct seek *seek = context;
  (void)source;
  if (!seek->slot && oracle_decode(seek->heap, slot).bits == seek->target.bits)
    seek->slot = slot;
}

/* Where `parent` (null: a root) refers to `object`. */
static const gc_field *slot_in(struct gc_heap *heap, gc_ref parent, gc_ref object) {
  struct seek seek = {.heap = heap, .target = object};
  if (gc_is_null(parent))
    oracle_for_roots(heap, &seek, seek_slot);
  else
    oracle_for_fields(parent, ORACLE_ALL, &seek, seek_slot);
  return seek.slot;
}

static bool is_sound(void *context, gc_ref source, const gc_field *slot, gc_ref target) {
  (void)source, (void)slot;
  return !oracle_object_problem(context, target);
}

static bool find_paths(struct findings *findings) {
  struct gc_heap *heap = findings->heap;
  if (findings->has_paths)
    return true;
  findings->paths = (struct oracle){.heap = heap, .context = heap, .edge = is_sound, .keeps_parents = true};
  findings->has_paths = oracle_run(&findings->paths);
  return findings->has_paths;
}

/* The way to `object`, from it up to a root. */
static void print_path(struct findings *findings, gc_ref object) {
  struct gc_heap *heap = findings->heap;
  char place[PLACE_BYTES];
  if (!find_paths(findings)) {
    fprintf(stderr, "gclab:   no memory to find the path\n");
    return;
  }
  if (oracle_object_problem(heap, object) || !oracle_visited(&findings->paths, object)) {
    fprintf(stderr, "gclab:   %p is reached from no root\n", (void *)object.bits);
    return;
  }
  size_t steps = 0;
  while (object.bits != heap->globals.bits) {
    gc_ref parent = {findings->paths.parents[(object.bits - heap->memory.base) / sizeof(uintptr_t)]};
    name_place(heap, parent, slot_in(heap, parent, object), place, sizeof place);
    if (steps++ < STEPS_MOST)
      fprintf(stderr, "gclab:   %s %p is in %s\n", type_name(object), (void *)object.bits, place);
    if (gc_is_null(parent))
      break;
    object = parent;
  }
  if (steps > STEPS_MOST)
    fprintf(stderr, "gclab:   … and %zu steps more, to a root\n", steps - STEPS_MOST);
}

/* ---- findings ---- */

void findings_add(struct findings *findings, gc_ref source, const gc_field *slot, const char *format, ...) {
  char place[PLACE_BYTES], words[sizeof findings->first];
  bool slow = findings->heap->config.verify & VERIFY_SLOW;
  if (findings->bad++ > 0 && (findings->silent || (!slow && findings->bad > PRINTED_FAST)))
    return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  name_place(findings->heap, source, slot, place, sizeof place);
  if (findings->bad == 1)
    snprintf(findings->first, sizeof findings->first, "%s %.*s", place,
             (int)(sizeof findings->first - PLACE_BYTES - 2), words);
  if (findings->silent)
    return;
  fprintf(stderr, "gclab: verifier %s: %s %s\n", verifier_names[findings->verifier], place, words);
  if (slow && !gc_is_null(source))
    print_path(findings, source);
}

void findings_end(struct findings *findings, const char *what) {
  if (findings->has_paths)
    oracle_fini(&findings->paths);
  if (findings->bad && !findings->silent)
    check_failed(__FILE__, __LINE__, verifier_names[findings->verifier], "verifier %s: %llu bad %s of %llu; first: %s",
                 verifier_names[findings->verifier], (unsigned long long)findings->bad, what,
                 (unsigned long long)findings->looked_at, findings->first);
}
