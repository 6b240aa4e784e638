#include "runtime/tools/dominators.h"
#include "tests/runtime/cmocka.h"
#include "tests/runtime/tools/random_graph.h"

/* The example of Lengauer and Tarjan 1979, figure 1: R A B C … L are 1 … 13, and the roots refer to R. */
static void the_published_example(void **state) {
  (void)state;
  enum { R = 1, A, B, C, D, E, F, G, H, I, J, K, L, COUNT };
  static const struct hand_edge edges[] = {{0, R}, {R, A}, {R, B}, {R, C}, {A, D}, {B, A}, {B, D}, {B, E},
                                           {C, F}, {C, G}, {D, L}, {E, H}, {F, I}, {G, I}, {G, J}, {H, E},
                                           {H, K}, {I, K}, {J, I}, {K, R}, {K, I}, {L, H}};
  static const uint32_t expected[COUNT] = {[0] = GRAPH_NONE, [R] = 0, [A] = R, [B] = R, [C] = R, [D] = R, [E] = R,
                                           [F] = C, [G] = C, [H] = R, [I] = R, [J] = G, [K] = R, [L] = D};
  struct graph graph;
  struct dominators dominators;
  hand_graph(&graph, COUNT, edges, sizeof edges / sizeof edges[0]);
  assert_true(dominators_init(&dominators, &graph));
  for (uint32_t node = 0; node < COUNT; node++)
    assert_int_equal(dominators.parents[node], expected[node]);
  assert_int_equal(dominators.retained_bytes[C], graph.nodes[C].bytes + graph.nodes[F].bytes + graph.nodes[G].bytes +
                                                     graph.nodes[J].bytes);
  dominators_fini(&dominators);
  graph_fini(&graph);
}

/* What a node retains is what the roots no longer reach without it; its parent is the one of its dominators that all
 * others dominate, so the one that retains the least but more than itself. */
static void as_found_by_removing_each_node(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < 1000; round++) {
    struct graph graph;
    struct dominators dominators;
    bool all[RANDOM_NODES_MOST], without[RANDOM_NODES_MOST][RANDOM_NODES_MOST];
    random_graph(&graph, &random);
    assert_true(dominators_init(&dominators, &graph));
    mark_reached(&graph, GRAPH_ROOTS, GRAPH_NONE, all);
    for (uint32_t node = 0; node < graph.count; node++) {
      size_t bytes = 0;
      mark_reached(&graph, GRAPH_ROOTS, node, without[node]);
      for (uint32_t i = 0; i < graph.count; i++)
        bytes += all[i] && !without[node][i] ? graph.nodes[i].bytes : 0;
      assert_int_equal(dominators.retained_bytes[node], bytes);
    }
    for (uint32_t node = 0; node < graph.count; node++) {
      uint32_t parent = dominators.parents[node];
      if (node == GRAPH_ROOTS || !all[node]) {
        assert_int_equal(parent, GRAPH_NONE);
        continue;
      }
      assert_true(parent != node && !without[parent][node]);
      for (uint32_t other = 0; other < graph.count; other++) /* every other dominator dominates the parent */
        assert_true(other == node || without[other][node] || other == parent || !without[other][parent]);
    }
    dominators_fini(&dominators);
    graph_fini(&graph);
  }
}

/* Where the iterative algorithm is quadratic: a list linked both ways, held at both ends.  Also deep: no recursion. */
static void a_long_list_held_at_both_ends(void **state) {
  (void)state;
  enum { LENGTH = 1000000 };
  struct graph graph;
  struct dominators dominators;
  graph_init(&graph);
  for (uint32_t i = 1; i <= LENGTH; i++)
    graph_add_node(&graph, 16 * i, 16, 16);
  graph_begin_edges(&graph, GRAPH_ROOTS);
  graph_add_root(&graph, 1, (struct graph_root){0});
  graph_add_root(&graph, LENGTH, (struct graph_root){0});
  for (uint32_t i = 1; i <= LENGTH; i++) {
    graph_begin_edges(&graph, i);
    graph_add_edge(&graph, i > 1 ? i - 1 : GRAPH_NONE, 1);
    graph_add_edge(&graph, i < LENGTH ? i + 1 : GRAPH_NONE, 2);
  }
  graph_finish(&graph);
  assert_int_equal(graph.edge_count, 2 * LENGTH);
  assert_true(dominators_init(&dominators, &graph));
  for (uint32_t i = 1; i <= LENGTH; i++)
    if (dominators.parents[i] != GRAPH_ROOTS || dominators.retained_bytes[i] != 16)
      fail_msg("node %u has dominator %u", i, dominators.parents[i]);
  assert_int_equal(dominators.retained_bytes[GRAPH_ROOTS], 16 * (size_t)LENGTH);
  dominators_fini(&dominators);
  graph_fini(&graph);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_published_example),
      cmocka_unit_test(as_found_by_removing_each_node),
      cmocka_unit_test(a_long_list_held_at_both_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
