/* flames.h -- the call stacks that allocate, read from the file profile.folded that `gclab run --profile` writes.
 *
 * One thread. */
#ifndef GC_PAGE_FLAMES_H
#define GC_PAGE_FLAMES_H

#include "bench/page/gather.h"

/* Of the first ok invocation that wrote a profile: {"file":, "bytes":, "stacks": [[[outermost, …, type], bytes], …]},
 * the most bytes first; what is beyond the FLAMES_STACKS_MAX largest counts in "bytes" only.  NULL: there is none. */
json_t *flames_json(const struct page_case *c);
enum { FLAMES_STACKS_MAX = 300 };

#endif
