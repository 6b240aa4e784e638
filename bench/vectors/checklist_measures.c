/* checklist_measures.c -- the statements of checklist.def that no vector can check. */
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/checklist.h"
#include "runtime/heap/private_heap.h"

/* Every player against the given one, which counts at once, so that its answers stand for CPython's. */
bool all_collectors_agree(const struct checklist_question *question, char *said, size_t said_bytes) {
  unsigned agreed = 0, collectors = 0;
  for (size_t p = 0; p < registry_player_count; p++) {
    struct performer other;
    struct verdict verdict;
    unsigned before = agreed;
    if (registry_players[p]->exact)
      continue;
    performer_open(&other, registry_players[p]->collector);
    struct trial trial = {.performer = &other, .cpython = question->performer, .rules = performer_rules(&other)};
    for (size_t f = 0; f < question->file_count; f++)
      for (size_t i = 0; i < question->vectors[f].count; i++) {
        if (!trial_run(&trial, &question->vectors[f].scripts[i], &verdict))
          continue;
        agreed += verdict.kind == VERDICT_pass;
        if (verdict.kind != VERDICT_pass && verdict.kind != VERDICT_unsupported) {
          snprintf(said, said_bytes, "%s differs in vector %s: %.60s => %.60s, not %.60s", other.name,
                   question->vectors[f].scripts[i].number, verdict.query ? verdict.query : "", verdict.expected,
                   verdict.got);
          return false;
        }
      }
    collectors += agreed > before;
  }
  snprintf(said, said_bytes, "%u vectors under %u collectors", agreed, collectors);
  return collectors > 1;
}

/* Whether the performer plays the script to its end. */
static bool is_played(struct performer *performer, const char *text) {
  struct script_file file;
  struct answers answers;
  char message[256];
  if (!script_read_text(&file, "script", text, message, sizeof message))
    return false;
  answers_init(&answers, file.scripts[0].op_count);
  bool played = performer_play(performer, &file.scripts[0], &answers);
  answers_fini(&answers);
  script_file_free(&file);
  return played;
}

struct attempt {
  const char *what, *ops;
  bool played; /* whether it must be */
};

/* Tries each; `said` gets what became of it.  Ends at the first that became something else. */
static bool make_attempts(struct performer *performer, const struct attempt *attempts, size_t count, char *said,
                          size_t said_bytes) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    char text[256];
    snprintf(text, sizeof text, "vector 1 a\norder any\n%slive => -\nend\n", attempts[i].ops);
    bool played = is_played(performer, text);
    if (at < said_bytes)
      at += (size_t)snprintf(said + at, said_bytes - at, "%s%s: %s", i ? "; " : "", attempts[i].what,
                             played ? "taken" : "refused");
    if (played != attempts[i].played)
      return false;
  }
  return true;
}

bool fixed_layouts_stay(const struct checklist_question *question, char *said, size_t said_bytes) {
  static const struct attempt attempts[] = {
      {"a weak reference to a node", "new a node\nweakref w a\n", true},
      {"one to a list", "new a list\nweakref w a\n", false},
      {"one to a leaf", "new a leaf\nweakref w a\n", false},
      {"a field of a node", "new a node\nset a.b a\n", true},
      {"one that it has not", "new a node\nset a.colour a\n", false},
      {"any key of a dict", "new a dict\nset a.colour a\n", true},
  };
  return make_attempts(question->performer, attempts, sizeof attempts / sizeof attempts[0], said, said_bytes);
}

bool names_have_no_type(const struct checklist_question *question, char *said, size_t said_bytes) {
  static const struct attempt attempts[] = {
      {"a name for a node, then for a list", "new a node\nalias b a\nnew a list\nappend a b\nset b.f a\n", true},
      {"an element for what was made a node", "new a node\nalias b a\nnew a list\nappend b a\n", false},
      {"a field for what was made a list", "new a list\nalias b a\nnew a node\nset b.f a\n", false},
  };
  return make_attempts(question->performer, attempts, sizeof attempts / sizeof attempts[0], said, said_bytes);
}

/* A block of CPython's allocator stays where it is unless it grows, or shrinks by more than a quarter. */
bool blocks_are_resized(const struct checklist_question *question, char *said, size_t said_bytes) {
  struct heap_memory memory;
  struct private_heap heap;
  (void)question;
  if (!memory_init(&memory, (size_t)1 << 26, false, 0) || !private_heap_init(&heap, &memory)) {
    snprintf(said, said_bytes, "the system refused memory");
    return false;
  }
  uintptr_t block = private_heap_take_slow(&heap, pool_class_of(512));
  private_heap_take(&heap, 512); /* so that their pool stays in use */
  uintptr_t kept = private_heap_resize(&heap, block, 400), moved = private_heap_resize(&heap, kept, 380);
  uintptr_t again = private_heap_take(&heap, 512);
  snprintf(said, said_bytes, "512 to 400 bytes %s, 400 to 380 %s, and the block of 512 is%s the next one taken",
           kept == block ? "stays" : "moves", moved == kept ? "stays" : "moves", again == block ? "" : " not");
  private_heap_fini(&heap);
  memory_fini(&memory);
  return block && kept == block && moved && moved != kept && again == block;
}
