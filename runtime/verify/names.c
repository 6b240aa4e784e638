/* names.c -- sets of verifiers as users write them.  Any thread; no state. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/option.h"
#include "runtime/verify/verify.h"

#define VERIFIER_NAME(name, text) #name,
#define VERIFIER_TEXT(name, text) text,
const char *const verifier_names[VERIFIER_COUNT] = {VERIFIERS(VERIFIER_NAME)};
const char *const verifier_texts[VERIFIER_COUNT] = {VERIFIERS(VERIFIER_TEXT)};

/* All that may stand between commas. */
static const struct word {
  const char *name;
  unsigned set;
} words[] = {
#define VERIFIER_WORD(name, text) {#name, VERIFY(name)},
    VERIFIERS(VERIFIER_WORD)
    {"all", VERIFY_ALL},
    {"slow", VERIFY_SLOW},
    {"none", VERIFY_NONE},
    {"3", VERIFY_ALL}, /* the levels of GC_CHECK */
    {"0", VERIFY_NONE},
};
enum { WORD_COUNT = sizeof words / sizeof words[0], NAMED_COUNT = WORD_COUNT - 2, WORD_BYTES = 32 };

static bool refuse(const char *word, char *message, size_t message_bytes) {
  const char *names[NAMED_COUNT];
  for (size_t i = 0; i < NAMED_COUNT; i++)
    names[i] = words[i].name;
  const char *nearest = option_nearest(word, names, NAMED_COUNT);
  if (nearest)
    snprintf(message, message_bytes, "there is no verifier '%s'; did you mean '%s'?", word, nearest);
  else
    snprintf(message, message_bytes,
             "there is no verifier '%s': write all, none, or some of heap,free,remset,shadow,remark,counts,slow", word);
  return false;
}

static bool add_word(const char *word, unsigned *set) {
  for (size_t i = 0; i < WORD_COUNT; i++)
    if (strcmp(words[i].name, word) == 0) {
      *set |= words[i].set;
      return true;
    }
  return false;
}

bool verify_parse(const char *text, unsigned *set, char *message, size_t message_bytes) {
  unsigned found = VERIFY_NONE;
  for (const char *rest = text;;) {
    size_t length = strcspn(rest, ",");
    char word[WORD_BYTES];
    snprintf(word, sizeof word, "%.*s", (int)length, rest);
    if (length >= sizeof word || !add_word(word, &found))
      return refuse(word, message, message_bytes);
    if (rest[length] == '\0')
      break;
    rest += length + 1;
  }
  if (found == VERIFY_SLOW) /* slow says how, not what */
    found |= VERIFY_ALL;
  *set = found;
  return true;
}

void verify_format(unsigned set, char *text, size_t text_bytes) {
  const char *separator = "";
  size_t used = 0;
  bool all = (set & VERIFY_ALL) == VERIFY_ALL;
  *text = '\0';
  for (size_t i = all ? VERIFIER_COUNT : 0; i < NAMED_COUNT; i++) {
    bool chosen = words[i].set == VERIFY_ALL    ? all
                  : words[i].set == VERIFY_NONE ? set == VERIFY_NONE
                                                : (set & words[i].set) != 0;
    if (!chosen || used >= text_bytes)
      continue;
    used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", separator, words[i].name);
    separator = ",";
  }
}
