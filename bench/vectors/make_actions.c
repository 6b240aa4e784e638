/* make_actions.c -- the parts of a random script that say what finalizers and callbacks do.
 *
 * They may change the graph at any time, so what they may change is unknown from then on. */
#include <string.h>

#include "bench/vectors/maker.h"

enum { ANCHORS = 3, RESURRECTED = 3, SELF_WEAK = 2 };

/* The roots that finalizers put something into must be there before anything asks for them. */
static void prepare_roots(struct maker *m) {
  char name[GRAPH_NAME_BYTES];
  if (m->prepared)
    return;
  m->prepared = true;
  for (int i = 1; i <= RESURRECTED + SELF_WEAK; i++) {
    bool weak = i > RESURRECTED;
    snprintf(name, sizeof name, "%c%d", weak ? 'v' : 'r', weak ? i - RESURRECTED : i);
    maker_say(m, "new %s leaf", name);
    maker_add(m, name, GRAPH_ANY);
  }
}

void make_anchor(struct maker *m) {
  char path[PATH_BYTES];
  int object;
  if (maker_pick(m, EVERY_KIND, path, &object))
    maker_say(m, "alias d%d %s", 1 + (int)maker_draw(m, ANCHORS), path);
}

/* One action of an object, or of a callback without fields (object < 0). */
static void make_action(struct maker *m, int object, char *text, size_t text_bytes) {
  bool has_fields = object >= 0;
  int w = m->weakrefs ? 1 + (int)maker_draw(m, (uint64_t)m->weakrefs) : 1, field = (int)maker_draw(m, SCRIPT_FIELDS);
  switch (maker_draw(m, 11)) {
  case 0: snprintf(text, text_bytes, "resurrect r%d", 1 + (int)maker_draw(m, RESURRECTED)); break;
  case 1: snprintf(text, text_bytes, "drop d%d", 1 + (int)maker_draw(m, ANCHORS)); break;
  case 2:
  case 3: snprintf(text, text_bytes, "see %s", script_fields[field]); break;
  case 4: snprintf(text, text_bytes, "peek w%d", w); break;
  case 5: snprintf(text, text_bytes, "take w%d r%d", w, 1 + (int)maker_draw(m, RESURRECTED)); break;
  case 6: snprintf(text, text_bytes, "collect %d", (int)maker_draw(m, 3)); break;
  case 7: snprintf(text, text_bytes, "alloc %d", (int)maker_draw(m, 30)); break;
  case 8: snprintf(text, text_bytes, "weak v%d", 1 + (int)maker_draw(m, SELF_WEAK)); break;
  case 9: snprintf(text, text_bytes, "quiet"); break;
  default: snprintf(text, text_bytes, "unset %s", script_fields[field]);
  }
  bool needs_fields = strncmp(text, "see", 3) == 0 || strncmp(text, "unset", 5) == 0 || strncmp(text, "weak", 4) == 0;
  if (needs_fields && !has_fields)
    snprintf(text, text_bytes, "peek w%d", w);
}

/* What a finalizer unsets is unknown from now on, in every object of that name. */
static void taint(struct maker *m, const char *name, const char *action) {
  for (int f = 0; strncmp(action, "unset ", 6) == 0 && f < SCRIPT_FIELDS; f++)
    for (int i = 0; strcmp(script_fields[f], action + 6) == 0 && i < m->graph.object_count; i++)
      if (strcmp(maker_at(m, i)->name, name) == 0)
        maker_at(m, i)->fields[f] = GRAPH_UNKNOWN;
}

void make_act(struct maker *m) {
  enum { ACTIONS_MAX = 3 };
  char path[PATH_BYTES], action[48], line[ACTIONS_MAX * 52] = "";
  int object;
  prepare_roots(m);
  bool callback = m->weakrefs && maker_chance(m, 25);
  if (!callback && !maker_pick(m, BIT(KIND_fnode) | BIT(KIND_cnode) | BIT(KIND_lnode), path, &object))
    return;
  char weakref[GRAPH_NAME_BYTES];
  snprintf(weakref, sizeof weakref, "w%d", 1 + (int)maker_draw(m, (uint64_t)(m->weakrefs ? m->weakrefs : 1)));
  const char *name = callback ? weakref : maker_at(m, object)->name;
  for (unsigned i = 0, count = 1 + (unsigned)maker_draw(m, ACTIONS_MAX - 1); i < count; i++) {
    make_action(m, callback ? -1 : object, action, sizeof action);
    strcat(strcat(line, *line ? "; " : " "), action);
    taint(m, name, action);
  }
  if (maker_chance(m, 15))
    strcat(line, "; raise");
  maker_say(m, "act %s%s", name, line);
}
