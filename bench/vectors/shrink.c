#include "bench/vectors/shrink.h"

#include <stdlib.h>
#include <string.h>

/* `to` gets the operations of `from` but for `count` from `begin`. */
static void leave_out(struct script *to, const struct script *from, size_t begin, size_t count) {
  size_t after = from->op_count - begin - count;
  memcpy(to->ops, from->ops, begin * sizeof to->ops[0]);
  memcpy(to->ops + begin, from->ops + begin + count, after * sizeof to->ops[0]);
  to->op_count = begin + after;
}

unsigned shrink(struct script *script, shrink_question *fails, void *context) {
  struct script shorter = *script;
  unsigned asked = 0;
  shorter.ops = malloc((script->op_count + 1) * sizeof shorter.ops[0]);
  for (size_t run = script->op_count / 2 ? script->op_count / 2 : 1; run > 0;) {
    bool shrunk = false;
    /* From the end: what is asked and dropped last is needed least. */
    for (size_t begin = script->op_count; begin-- > 0;) {
      size_t count = begin + run <= script->op_count ? run : script->op_count - begin;
      if (run > 1 && begin % run)
        continue;
      leave_out(&shorter, script, begin, count);
      asked++;
      if (fails(context, &shorter)) {
        memcpy(script->ops, shorter.ops, shorter.op_count * sizeof shorter.ops[0]);
        script->op_count = shorter.op_count;
        shrunk = true;
      }
    }
    if (run > 1 || !shrunk)
      run /= 2;
  }
  free(shorter.ops);
  return asked;
}
