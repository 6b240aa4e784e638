/* nominal_card.h -- a workload's nominal statistics as a card: each with its rank among all workloads.
 *
 * Rank 1 is the largest value, equal values share the better rank, and the score goes from 10 for rank 1 to 0 for the
 * last.  Ranked are a workload with the parameters that the card is asked for, and all others with their defaults.
 * Parent only. */
#ifndef GC_BENCH_NOMINAL_CARD_H
#define GC_BENCH_NOMINAL_CARD_H

#include <stdio.h>

#include "bench/nominal.h"

/* `text`: the workload and its parameters, as -w takes them.  80 columns; says what is not measured, and how it is. */
void nominal_card_print(FILE *file, const struct nominal *nominal, const char *text);
json_t *nominal_card_json(const struct nominal *nominal, const char *text);

#endif
