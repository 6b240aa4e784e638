#include "bench/text.h"

#include <string.h>

int text_columns(const char *text) {
  int columns = 0;
  for (; *text; text++)
    columns += (*text & 0xc0) != 0x80; /* not a continuation byte */
  return columns;
}

/* Bytes of the longest prefix that ends before a blank (or at the end) and takes at most `room` columns; if the first
 * word is longer than that, the word. */
static size_t line_bytes(const char *text, int room) {
  size_t best = 0;
  int columns = 0;
  for (size_t i = 0;; i++) {
    if (text[i] == 0 || text[i] == ' ' || text[i] == '\n') {
      if (columns <= room || best == 0)
        best = i;
      if (columns > room || text[i] != ' ')
        return best;
    }
    columns += (text[i] & 0xc0) != 0x80;
  }
}

void text_wrap(FILE *file, const char *text, int used, int indent) {
  do {
    size_t bytes = line_bytes(text, TEXT_COLUMNS - used);
    size_t shown = bytes;
    while (shown && text[shown - 1] == ' ')
      shown--;
    fprintf(file, "%.*s\n", (int)shown, text);
    text += bytes;
    text += *text == '\n' ? 1 : strspn(text, " ");
    if (*text)
      fprintf(file, "%*s", indent, "");
    used = indent;
  } while (*text);
}

void text_format_bytes(double bytes, char *text, size_t text_bytes) {
  static const char units[] = "BKMGT";
  unsigned unit = 0;
  for (; bytes >= 999.5 && unit < 4; unit++)
    bytes /= 1024;
  int decimals = unit == 0 ? 0 : bytes < 9.995 ? 2 : bytes < 99.95 ? 1 : 0;
  snprintf(text, text_bytes, "%.*f%.1s", decimals, bytes, unit ? &units[unit] : "");
}
