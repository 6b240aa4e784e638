#include "runtime/tools/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lines {
  Dwfl *dwfl;
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

size_t lines_of(struct lines *lines, uintptr_t address, struct line *found, size_t limit) {
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
