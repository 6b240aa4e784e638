#!/bin/sh
# plant.sh -- writes a run with known numbers, as `gclab run` would have: records.jsonl and each invocation's files.
#
# Usage: plant.sh FOLDER INVOCATIONS PAUSES: so many invocations of each of 24 cases (3 collectors, 2 workloads, heaps
# of 1.5x and 2x, 1 and 2 threads), each with so many stops and as many rows for threads.  Wall times of an iteration
# are around 1 s for marksweep, 1.2 s for satb, 1.05 s for generational, which falls with oom in server's 1.5x heap.
set -eu
folder=$1 invocations=$2 pauses=$3
mkdir -p "$folder/inv"
awk -v folder="$folder" -v invocations="$invocations" -v pauses="$pauses" '
function noise() { return 1 + 0.01 * (rand() - 0.5) }
# A part of a record, with ` for the quotes of JSON.
function put(text) {
  gsub(/`/, "\"", text)
  printf "%s", text > records
}
function quantiles(p50, max, n) {
  return sprintf("{`n`:%.0f,`sum_ns`:%.0f,`mean_ns`:%.0f,`p50_ns`:%.0f,`p90_ns`:%.0f,`p99_ns`:%.0f,`p99_9_ns`:%.0f,",
                 n, n * p50, p50, p50, p50 * 2, p50 * 4, p50 * 7) \
    sprintf("`p99_99_ns`:null,`max_ns`:%.0f,`few`:[`p99_9_ns`],`max_at_ns`:5000}", max)
}
function utilisation(c, share,    i, u, points) {
  for (i = 0; i < 9; i++) {
    u = i < 3 ? 0 : share * (i - 2) / 7 * (c == "satb" ? 0.99 : 0.876)
    points = points sprintf("%s{`w_ns`:%.0f,`mmu`:%.4f,`bmu`:%.4f}", i ? "," : "", 1e6 * 3 ^ i, u, u * 0.98)
  }
  return "`points`:[" points "],`worst_windows`:[]"
}
function write_files(path, c, wall, stop,    i, t, d) {
  system("mkdir -p " folder "/" path)
  file = folder "/" path "/pauses.csv"
  print "kind,gc_id,thread,begin_ns,duration_ns,run_delay_ns" > file
  for (i = 0; i < pauses; i++) {
    t = wall * 3 * (i + 0.5) / pauses
    d = i == 7 ? stop * 40 : stop * (0.5 + rand())  # one that stands out: the planted maximum
    printf "stw_total,%.0f,,%.0f,%.0f,\n", i, t, d > file
    printf "thread,%.0f,0,%.0f,%.0f,0\n", i, t, d * 1.1 > file
  }
  close(file)
  file = folder "/" path "/gc.csv"
  print "gc_id,kind,reason,begin_ns,end_ns,pauses,stw_ns,cpu_ns,used_before_bytes,used_after_bytes," \
    "side_metadata_bytes" > file
  for (i = 0; i < 60; i++) {
    t = wall * 3 * (i + 0.5) / 60
    printf "%.0f,major,allocation,%.0f,%.0f,1,%.0f,%.0f,41943040,%.0f,786432\n", i, t, t + wall / 40, stop, stop * 2,
      20971520 + i * 65536 > file
  }
  close(file)
  file = folder "/" path "/samples.csv"
  print "t_ns,rss_bytes,committed_bytes,used_bytes,side_metadata_bytes" > file
  for (i = 0; i < 120; i++)
    printf "%.0f,%.0f,%.0f,%.0f,%.0f\n", wall * i / 40, 60000000 + i * 1000, 50000000,
      30000000 + (i % 6) * 2000000, 786432 > file
  close(file)
}
# Of satb alone, the first invocation of each case has a profile: three stacks, 8 MB in all.
function write_profile(path) {
  file = folder "/" path "/profile.folded"
  tree = "make_tree (workloads/gcbench.c:31);node"
  print "main (workloads/gcbench.c:90);" tree " 4194304" > file
  print "main (workloads/gcbench.c:90);grow (workloads/gcbench.c:60);" tree " 2097152" > file
  print "main (workloads/gcbench.c:95);array 2097152" > file
  close(file)
}
function put_identity(key, n) {
  put(sprintf("{`identity`:{`schema`:1,`run_id`:`planted`,`key`:`%s00000000`,`seq`:%.0f,", key, sequence++))
  put(sprintf("`attempt`:1,`invocation`:%.0f,`started_utc`:`2026-11-21T09:00:00Z`},", n))
}
function put_subject(c, workload, heap, threads) {
  put(sprintf("`subject`:{`collector`:{`name`:`%s`,`checked`:false,`params`:{}},`collector_text`:`%s`,", c, c))
  put(sprintf("`workload`:{`name`:`%s`,`params`:{}},`workload_text`:`%s`,", workload, workload))
  put(sprintf("`heap_bytes`:%.0f,`heap_factor`:%s,`minheap_bytes`:22020096,", heap * 22020096, heap))
  put(sprintf("`mutator_threads`:%.0f,`gc_threads`:2,`sharing`:`copies`,`placement`:`local`,", threads))
  put("`build`:{`git`:`0123456789ab`,`dirty`:false,`cc`:`GNU 12`}},")
  put("`machine`:{`cpu`:`Planted Processor`,`topology`:`2 nodes, 4 cores`,`kernel`:`6.1`},")
}
function put_oom() {
  put("`outcome`:{`status`:`oom`,`reason`:`the heap of 31.5M is too small </script>`},`iterations`:[],")
  put("`pauses`:null,`latency`:null,`memory`:null,`numa`:null}\n")
}
function put_iterations(c, wall, threads,    i, v, stw, concurrent) {
  put("`outcome`:{`status`:`ok`,`checksum`:`0x1`},`iterations`:[")
  for (i = 0; i < 4; i++) {
    v = wall * noise() * (i == 0 ? 1.4 : 1)
    stw = c == "satb" ? v * 0.002 : v * 0.12
    concurrent = c == "satb" ? v * 0.3 : 0
    put(sprintf("%s{`index`:%.0f,`warmup`:%s,`complete`:true,", i ? "," : "", i, i ? "false" : "true"))
    put(sprintf("`wall_ns`:%.0f,`task_clock_ns`:%.0f,", v, v * threads + concurrent))
    put(sprintf("`mutator_ns`:%.0f,`stw_ns`:%.0f,`gc_cpu_ns`:%.0f,", v - stw, stw, stw * 1.5 + concurrent))
    put(sprintf("`gc_stw_cpu_ns`:%.0f,`gc_concurrent_cpu_ns`:%.0f,", stw * 1.5, concurrent))
    put(sprintf("`assist_ns`:%.0f,`stall_ns`:%.0f,", c == "satb" ? v * 0.04 : 0, c == "satb" ? v * 0.1 : 0))
    put(sprintf("`figures`:{`planted_nodes`:%.0f},", i == 0 ? 5000 : 1000 + i)) # 1002 on average without the warm-up
    put(sprintf("`alloc_bytes`:1000000000,`mutator_cpu_ns`:%.0f}", v * threads - stw * 1.5))
  }
  put("],")
}
function put_groups(c, workload, stop, path, profiled) {
  put("`pauses`:{`stw_total`:" quantiles(stop, stop * 40, pauses) ",`ttsp`:" quantiles(stop / 10, stop, pauses))
  put(",`thread`:null,`why_null`:{`stall`:`stalls are planted to be missing`}},`latency`:")
  if (workload == "server") {
    put("{`schedule`:`closed`,`simple`:" quantiles(25000, stop * 41, 400000) ",`planned`:null,`metered_100ms`:null,")
    put("`metered_full`:" quantiles(61000 + stop / 100, stop * 43, 400000))
    put(",`why_null`:{`planned`:`of the other schedule`}},")
  } else {
    put("null,")
  }
  put("`mmu`:{`counts`:[`stw`],`scope`:`aggregate`," utilisation(c, 1))
  put(",`thread`:{`counts`:[`stalls`],`scope`:`thread`," utilisation(c, 0.5) "}},")
  put("`memory`:{`peak_used_bytes`:41943040,`peak_side_metadata_bytes`:786432,")
  put(sprintf("`peak_rss_bytes`:%.0f},", 65531904 * cost[c] * noise()))
  put("`numa`:{`nodes`:2,`synthetic`:false,`copy_matrix`:")
  put((c == "generational" ? "[[7340032,1048576],[2097152,5242880]]" : "null") ",")
  put("`why_null`:{`copy_matrix`:`this collector copies nothing`}},")
  put(sprintf("`files`:{`gc`:`%s/gc.csv`,`pauses`:`%s/pauses.csv`,`samples`:`%s/samples.csv`", path, path, path))
  put((profiled ? sprintf(",`profile_folded`:`%s/profile.folded`", path) : "") "}}\n")
}
function put_case(n, w, h, t, k,    c, key, path, wall) {
  c = collectors[k]
  key = sprintf("%x%x%x%x0000", w, h, t, k)
  path = sprintf("inv/%s/%03d", key, n)
  wall = 1e9 * cost[c] * (h == 1 ? 1.3 : 1) * (t == 2 ? 1.1 : 1)
  put_identity(key, n)
  put_subject(c, workloads[w], heaps[h], t)
  if (c == "generational" && workloads[w] == "server" && heaps[h] == "1.5") {
    put_oom()
    return
  }
  write_files(path, c, wall, pause[c])
  put_iterations(c, wall, t)
  if (n == 0 && c == "satb")
    write_profile(path)
  put_groups(c, workloads[w], pause[c], path, n == 0 && c == "satb")
}
BEGIN {
  srand(7)
  split("marksweep generational satb", collectors, " ")
  split("gcbench server", workloads, " ")
  split("1.5 2", heaps, " ")
  cost["marksweep"] = 1; cost["generational"] = 1.05; cost["satb"] = 1.2
  pause["marksweep"] = 8e6; pause["generational"] = 9e5; pause["satb"] = 3e4
  records = folder "/records.jsonl"
  for (n = 0; n < invocations; n++)
    for (w = 1; w <= 2; w++)
      for (h = 1; h <= 2; h++)
        for (t = 1; t <= 2; t++)
          for (k = 1; k <= 3; k++)
            put_case(n, w, h, t, k)
}'
