/* checklist_measures.c -- the statements of checklist.def that no vector can check. */
#include <stdlib.h>
#include <string.h>

#include "bench/vectors/checklist.h"

/* Every player against the given one, which counts at once, so that its answers stand for CPython's. */
bool all_collectors_agree(const struct script_file *vectors, size_t file_count, struct performer *performer, char *said,
                          size_t said_bytes) {
  unsigned agreed = 0, collectors = 0;
  for (size_t p = 0; p < registry_player_count; p++) {
    struct performer other = {.name = registry_players[p]->collector, .player = registry_players[p]};
    struct trial trial = {.performer = &other, .cpython = performer};
    struct verdict verdict;
    unsigned before = agreed;
    if (other.player->exact)
      continue;
    for (size_t f = 0; f < file_count; f++)
      for (size_t i = 0; i < vectors[f].count; i++) {
        if (!trial_run(&trial, &vectors[f].scripts[i], &verdict))
          continue;
        agreed += verdict.kind == VERDICT_pass;
        if (verdict.kind != VERDICT_pass && verdict.kind != VERDICT_unsupported) {
          snprintf(said, said_bytes, "%s differs in vector %s", other.name, vectors[f].scripts[i].number);
          return false;
        }
      }
    collectors += agreed > before;
  }
  snprintf(said, said_bytes, "%u vectors under %u collectors", agreed, collectors);
  return collectors > 1;
}

bool other_generations_are_refused(const struct script_file *vectors, size_t file_count, struct performer *performer,
                                   char *said, size_t said_bytes) {
  static const char *const words[] = {"3", "-1", "1000"};
  (void)vectors, (void)file_count, (void)performer;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    char text[64];
    struct script_file file;
    snprintf(text, sizeof text, "vector 1 a\norder any\ncollect %s => 0\nend\n", words[i]);
    if (script_read_text(&file, "script", text, said, said_bytes)) {
      script_file_free(&file);
      snprintf(said, said_bytes, "collect %s is taken", words[i]);
      return false;
    }
  }
  snprintf(said, said_bytes, "3, -1 and 1000 are refused");
  return true;
}
