#include "runtime/tools/paths.h"
#include "tests/runtime/cmocka.h"
#include "tests/runtime/tools/random_graph.h"

/* Distances by going over all edges as often as there are nodes (Bellman and Ford). */
static void find_distances(const struct graph *graph, uint32_t from, uint32_t *distances) {
  for (uint32_t node = 0; node < graph->count; node++)
    distances[node] = node == from ? 0 : GRAPH_NONE;
  for (size_t round = 0; round < graph->count; round++)
    for (uint32_t node = 0; node < graph->count; node++)
      for (size_t e = graph_edges_begin(graph, node); e < graph_edges_end(graph, node); e++)
        if (distances[node] != GRAPH_NONE && distances[node] + 1 < distances[graph->edges[e].target])
          distances[graph->edges[e].target] = distances[node] + 1;
}

static void each_way_is_a_shortest_one(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < 1000; round++) {
    struct graph graph;
    struct paths paths;
    uint32_t distances[RANDOM_NODES_MOST];
    random_graph(&graph, &random);
    uint32_t from = (uint32_t)rng_below(&random, graph.count);
    size_t bytes = 0, reached = 0;
    find_distances(&graph, from, distances);
    assert_true(paths_init(&paths, &graph, from));
    for (uint32_t node = 0; node < graph.count; node++) {
      assert_int_equal(paths_reaches(&paths, node), distances[node] != GRAPH_NONE);
      if (distances[node] == GRAPH_NONE)
        continue;
      reached++;
      bytes += graph.nodes[node].bytes;
      assert_int_equal(paths_length(&paths, node), distances[node]);
      for (uint32_t at = node; at != from; at = paths.parents[at]) { /* every step is an edge */
        assert_int_equal(graph.edges[paths.edges[at]].target, at);
        assert_true(paths.edges[at] >= graph_edges_begin(&graph, paths.parents[at]) &&
                    paths.edges[at] < graph_edges_end(&graph, paths.parents[at]));
      }
    }
    assert_int_equal(paths.reached_count, reached);
    assert_int_equal(paths_bytes(&paths), bytes);
    paths_fini(&paths);
    graph_fini(&graph);
  }
}

static void edges_turn_around(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 1);
  for (unsigned round = 0; round < 1000; round++) {
    struct graph graph;
    struct graph_reverse reverse;
    uint32_t forth[RANDOM_NODES_MOST][RANDOM_NODES_MOST] = {0}, back[RANDOM_NODES_MOST][RANDOM_NODES_MOST] = {0};
    random_graph(&graph, &random);
    assert_true(graph_reverse_init(&reverse, &graph));
    for (uint32_t node = 0; node < graph.count; node++) {
      for (size_t e = graph_edges_begin(&graph, node); e < graph_edges_end(&graph, node); e++)
        forth[node][graph.edges[e].target]++;
      for (size_t r = reverse.first[node]; r < reverse.first[node + 1]; r++)
        back[reverse.sources[r]][node]++;
      assert_int_equal(reverse.first[node + 1] - reverse.first[node], graph.nodes[node].in_edges);
    }
    assert_memory_equal(forth, back, sizeof forth);
    graph_reverse_fini(&reverse);
    graph_fini(&graph);
  }
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_way_is_a_shortest_one),
      cmocka_unit_test(edges_turn_around),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
