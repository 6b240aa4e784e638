#include "runtime/tools/components.h"
#include "tests/runtime/cmocka.h"
#include "tests/runtime/tools/random_graph.h"

/* Two nodes are in one component if each reaches the other. */
static void as_found_by_reaching_to_and_fro(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < 1000; round++) {
    struct graph graph;
    struct components components;
    bool reached[RANDOM_NODES_MOST][RANDOM_NODES_MOST];
    random_graph(&graph, &random);
    assert_true(components_init(&components, &graph));
    for (uint32_t node = 0; node < graph.count; node++)
      mark_reached(&graph, node, GRAPH_NONE, reached[node]);
    for (uint32_t a = 0; a < graph.count; a++) {
      uint32_t size = 0;
      bool itself = false;
      for (uint32_t b = 0; b < graph.count; b++) {
        bool together = reached[a][b] && reached[b][a];
        assert_int_equal(components.of[a] == components.of[b], together);
        size += together;
        assert_true(!reached[a][b] || components.of[b] <= components.of[a]);
      }
      for (size_t e = graph_edges_begin(&graph, a); e < graph_edges_end(&graph, a); e++)
        itself |= graph.edges[e].target == a;
      assert_int_equal(components.sizes[components.of[a]], size);
      assert_int_equal(components.cyclic[components.of[a]], size > 1 || itself);
    }
    components_fini(&components);
    graph_fini(&graph);
  }
}

static void a_deep_ring_needs_no_recursion(void **state) {
  (void)state;
  enum { LENGTH = 1000000 };
  struct graph graph;
  struct components components;
  graph_init(&graph);
  for (uint32_t i = 1; i <= LENGTH; i++)
    graph_add_node(&graph, 16 * i, 16, 16);
  graph_begin_edges(&graph, GRAPH_ROOTS);
  for (uint32_t i = 1; i <= LENGTH; i++) {
    graph_begin_edges(&graph, i);
    graph_add_edge(&graph, i % LENGTH + 1, 1);
  }
  graph_finish(&graph);
  assert_true(components_init(&components, &graph));
  assert_int_equal(components.count, 2);
  assert_int_equal(components.sizes[components.of[1]], LENGTH);
  assert_false(components.cyclic[components.of[GRAPH_ROOTS]]);
  components_fini(&components);
  graph_fini(&graph);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_found_by_reaching_to_and_fro),
      cmocka_unit_test(a_deep_ring_needs_no_recursion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
