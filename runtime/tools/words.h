/* words.h -- references and paths as people read them: "globals[9] -> cache+16 -> array[3] -> entry".
 *
 * Each part but the last is a place that holds a reference: a field as the type's name and the offset in bytes, an
 * element of an array by its index, or a root.  Any thread. */
#ifndef GC_TOOLS_WORDS_H
#define GC_TOOLS_WORDS_H

#include "runtime/tools/paths.h"

/* The place where `edge` of `source` starts. */
void words_place(const struct graph *graph, uint32_t source, size_t edge, char *text, size_t text_bytes);

/* The way to `node`, which is reached; in a long one the middle is left out, and says how many steps it has. */
void words_path(const struct paths *paths, uint32_t node, char *text, size_t text_bytes);

#endif
