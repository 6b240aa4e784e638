#include "runtime/tools/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/rng.h"

enum { LINES_MOST = 24, KNOWN_LEAST = 256 };

/* An address that was asked for; stacks share most of theirs, and to find one takes some 0.1 ms. */
struct known {
  uintptr_t address;
  size_t count;
  struct line found[LINES_MOST];
};

struct lines {
  Dwfl *dwfl;
  struct known **known; /* open addressing; capacity: a power of two, more than twice the count */
  size_t known_count, known_capacity;
};

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

struct lines *lines_open(void) {
  struct lines *lines = calloc(1, sizeof *lines);
  if (!lines)
    return NULL;
  lines->dwfl = dwfl_begin(&callbacks);
  if (lines->dwfl && dwfl_linux_proc_report(lines->dwfl, getpid()) == 0 &&
      dwfl_report_end(lines->dwfl, NULL, NULL) == 0)
    return lines;
  lines_close(lines);
  return NULL;
}

void lines_close(struct lines *lines) {
  if (lines && lines->dwfl)
    dwfl_end(lines->dwfl);
  for (size_t i = 0; lines && i < lines->known_capacity; i++)
    free(lines->known[i]);
  if (lines)
    free(lines->known);
  free(lines);
}

/* A name from the top of the tree, wherever that lies. */
static const char *short_name(const char *path) {
  static const char *const tops[] = {"/runtime/", "/collectors/", "/workloads/", "/bench/", "/tests/"};
  if (!path)
    return "";
  for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++) {
    const char *top = strstr(path, tops[i]);
    if (top)
      return top + 1;
  }
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int number_of(Dwarf_Die *die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word number;
  return dwarf_formudata(dwarf_attr(die, name, &attribute), &number) == 0 ? (int)number : 0;
}

/* The functions around `address`, innermost first, up to the one that is not inlined. */
static int scopes_of(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die **scopes) {
  Dwarf_Die *containing = NULL, innermost;
  Dwarf_Addr bias;
  if (dwarf_getscopes(unit, address, &containing) <= 0)
    return 0;
  Dwarf_Off offset = dwarf_dieoffset(&containing[0]);
  free(containing);
  if (!dwarf_offdie(dwfl_module_getdwarf(module, &bias), offset, &innermost))
    return 0;
  return dwarf_getscopes_die(&innermost, scopes);
}

/* Names the functions of found[0], whose line is known, and of those it is inlined into. */
static size_t add_scopes(Dwarf_Die *unit, Dwarf_Die *scopes, int scope_count, struct line *found, size_t limit) {
  Dwarf_Files *files = NULL;
  size_t count = 0;
  dwarf_getsrcfiles(unit, &files, NULL);
  for (int i = 0; i < scope_count && count < limit; i++) {
    int tag = dwarf_tag(&scopes[i]);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
      continue;
    const char *name = dwarf_diename(&scopes[i]);
    found[count++].function = name ? name : "?";
    if (tag == DW_TAG_subprogram || count == limit)
      break;
    int file = number_of(&scopes[i], DW_AT_call_file);
    found[count] = (struct line){.function = "?",
                                 .file = files ? short_name(dwarf_filesrc(files, (size_t)file, NULL, NULL)) : "",
                                 .number = number_of(&scopes[i], DW_AT_call_line)};
  }
  return count ? count : 1;
}

static size_t find(struct lines *lines, uintptr_t address, struct line *found, size_t limit) {
  Dwarf_Addr bias;
  Dwarf_Die *scopes = NULL;
  Dwfl_Module *module = lines ? dwfl_addrmodule(lines->dwfl, address) : NULL;
  Dwarf_Die *unit = module ? dwfl_module_addrdie(module, address, &bias) : NULL;
  Dwfl_Line *line = module ? dwfl_module_getsrc(module, address) : NULL;
  found[0] = (struct line){.function = "?", .file = ""};
  if (line)
    found[0].file = short_name(dwfl_lineinfo(line, NULL, &found[0].number, NULL, NULL, NULL));
  if (!unit) {
    const char *symbol = module ? dwfl_module_addrname(module, address) : NULL;
    found[0].function = symbol ? symbol : "?";
    return 1;
  }
  int scope_count = scopes_of(module, unit, address - bias, &scopes);
  size_t count = add_scopes(unit, scopes, scope_count, found, limit);
  free(scopes);
  return count;
}

/* ---- what is known ---- */

/* The place of `address`, or where it would go. */
static struct known **place_of(struct known **known, size_t capacity, uintptr_t address) {
  size_t i = rng_mix(0, address);
  while (known[i & (capacity - 1)] && known[i & (capacity - 1)]->address != address)
    i++;
  return &known[i & (capacity - 1)];
}

static bool grow(struct lines *lines) {
  size_t capacity = lines->known_capacity ? 2 * lines->known_capacity : KNOWN_LEAST;
  struct known **known = calloc(capacity, sizeof *known);
  if (!known)
    return false;
  for (size_t i = 0; i < lines->known_capacity; i++)
    if (lines->known[i])
      *place_of(known, capacity, lines->known[i]->address) = lines->known[i];
  free(lines->known);
  lines->known = known;
  lines->known_capacity = capacity;
  return true;
}

/* NULL if memory was refused. */
static const struct known *known_of(struct lines *lines, uintptr_t address) {
  if (!lines || (2 * lines->known_count >= lines->known_capacity && !grow(lines)))
    return NULL;
  struct known **place = place_of(lines->known, lines->known_capacity, address);
  if (*place)
    return *place;
  struct known *made = malloc(sizeof *made);
  if (!made)
    return NULL;
  made->address = address;
  made->count = find(lines, address, made->found, LINES_MOST);
  lines->known_count++;
  return *place = made;
}

size_t lines_of(struct lines *lines, uintptr_t address, struct line *found, size_t limit) {
  const struct known *known = known_of(lines, address);
  if (!known)
    return find(lines, address, found, limit);
  size_t count = known->count < limit ? known->count : limit;
  memcpy(found, known->found, count * sizeof *found);
  return count;
}
