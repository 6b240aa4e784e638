#!/bin/sh
# plant.sh -- writes a run with known numbers, as `gclab run` would have: records.jsonl and each invocation's files.
#
# Usage: plant.sh FOLDER INVOCATIONS PAUSES: so many invocations of each of 24 cases (3 collectors, 2 workloads, heaps of
# 1.5x and 2x, 1 and 2 threads), each with so many stops and as many rows for threads.  Wall times of an iteration are
# around 1 s for marksweep, 1.2 s for satb, 1.05 s for generational, which falls with oom in the 1.5x heap of server.
set -eu
folder=$1 invocations=$2 pauses=$3
mkdir -p "$folder/inv"
awk -v folder="$folder" -v invocations="$invocations" -v pauses="$pauses" '
function noise() { return 1 + 0.01 * (rand() - 0.5) }
function quantiles(p50, max, n) {
  return sprintf("{\"n\":%.0f,\"sum_ns\":%.0f,\"mean_ns\":%.0f,\"p50_ns\":%.0f,\"p90_ns\":%.0f,\"p99_ns\":%.0f,\"p99_9_ns\":%.0f,\"p99_99_ns\":null,\"max_ns\":%.0f,\"few\":[\"p99_9_ns\"],\"max_at_ns\":5000}",
    n, n * p50, p50, p50, p50 * 2, p50 * 4, p50 * 7, max)
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
  print "gc_id,kind,reason,begin_ns,end_ns,pauses,stw_ns,cpu_ns,used_before_bytes,used_after_bytes,side_metadata_bytes" > file
  for (i = 0; i < 60; i++) {
    t = wall * 3 * (i + 0.5) / 60
    printf "%.0f,major,allocation,%.0f,%.0f,1,%.0f,%.0f,41943040,%.0f,786432\n", i, t, t + wall / 40, stop, stop * 2, 20971520 + i * 65536 > file
  }
  close(file)
  file = folder "/" path "/samples.csv"
  print "t_ns,rss_bytes,committed_bytes,used_bytes,side_metadata_bytes" > file
  for (i = 0; i < 120; i++)
    printf "%.0f,%.0f,%.0f,%.0f,%.0f\n", wall * i / 40, 60000000 + i * 1000, 50000000, 30000000 + (i % 6) * 2000000, 786432 > file
  close(file)
}
BEGIN {
  srand(7)
  split("marksweep generational satb", collectors, " ")
  split("gcbench server", workloads, " ")
  split("1.5 2", heaps, " ")
  cost["marksweep"] = 1; cost["generational"] = 1.05; cost["satb"] = 1.2
  pause["marksweep"] = 8e6; pause["generational"] = 9e5; pause["satb"] = 3e4
  records = folder "/records.jsonl"
  for (n = 0; n < invocations; n++) for (w = 1; w <= 2; w++) for (h = 1; h <= 2; h++) for (t = 1; t <= 2; t++) for (k = 1; k <= 3; k++) {
    c = collectors[k]; key = sprintf("%x%x%x%x0000", w, h, t, k)
    fell = c == "generational" && workloads[w] == "server" && heaps[h] == "1.5"
    wall = 1e9 * cost[c] * (h == 1 ? 1.3 : 1) * (t == 2 ? 1.1 : 1)
    path = sprintf("inv/%s/%03d", key, n)
    printf "{\"identity\":{\"schema\":1,\"run_id\":\"planted\",\"key\":\"%s00000000\",\"seq\":%.0f,\"attempt\":1,\"invocation\":%.0f,\"started_utc\":\"2026-11-21T09:00:00Z\"},", key, seq++, n > records
    printf "\"subject\":{\"collector\":{\"name\":\"%s\",\"checked\":false,\"params\":{}},\"workload\":{\"name\":\"%s\",\"params\":{}},\"collector_text\":\"%s\",\"workload_text\":\"%s\",", c, workloads[w], c, workloads[w] > records
    printf "\"heap_bytes\":%.0f,\"heap_factor\":%s,\"minheap_bytes\":22020096,\"mutator_threads\":%.0f,\"gc_threads\":2,\"sharing\":\"copies\",\"placement\":\"local\",\"build\":{\"git\":\"0123456789ab\",\"dirty\":false,\"cc\":\"GNU 12\"}},", heaps[h] * 22020096, heaps[h], t > records
    printf "\"machine\":{\"cpu\":\"Planted Processor\",\"topology\":\"2 nodes, 4 cores\",\"kernel\":\"6.1\"}," > records
    if (fell) {
      printf "\"outcome\":{\"status\":\"oom\",\"reason\":\"the heap of 31.5M is too small </script>\"},\"iterations\":[],\"pauses\":null,\"latency\":null,\"memory\":null,\"numa\":null}\n" > records
      continue
    }
    write_files(path, c, wall, pause[c])
    printf "\"outcome\":{\"status\":\"ok\",\"checksum\":\"0x1\"},\"iterations\":[" > records
    for (i = 0; i < 4; i++) {
      v = wall * noise() * (i == 0 ? 1.4 : 1); stw = c == "satb" ? v * 0.002 : v * 0.12
      con = c == "satb" ? v * 0.3 : 0
      printf "%s{\"index\":%.0f,\"warmup\":%s,\"complete\":true,\"wall_ns\":%.0f,\"task_clock_ns\":%.0f,\"mutator_ns\":%.0f,\"stw_ns\":%.0f,\"gc_cpu_ns\":%.0f,\"gc_stw_cpu_ns\":%.0f,\"gc_concurrent_cpu_ns\":%.0f,\"assist_ns\":%.0f,\"stall_ns\":%.0f,\"alloc_bytes\":1000000000,\"mutator_cpu_ns\":%.0f}", i ? "," : "", i, i ? "false" : "true", v, v * t + con, v - stw, stw, stw * 1.5 + con, stw * 1.5, con, c == "satb" ? v * 0.04 : 0, c == "satb" ? v * 0.1 : 0, v * t - stw * 1.5 > records
    }
    printf "],\"pauses\":{\"stw_total\":%s,\"ttsp\":%s,\"thread\":null,\"why_null\":{\"stall\":\"stalls are planted to be missing\"}},", quantiles(pause[c], pause[c] * 40, pauses), quantiles(pause[c] / 10, pause[c], pauses) > records
    if (workloads[w] == "server")
      printf "\"latency\":{\"schedule\":\"closed\",\"simple\":%s,\"planned\":null,\"metered_100ms\":null,\"metered_full\":%s,\"why_null\":{\"planned\":\"of the other schedule\"}},", quantiles(25000, pause[c] * 41, 400000), quantiles(61000 + pause[c] / 100, pause[c] * 43, 400000) > records
    else
      printf "\"latency\":null," > records
    printf "\"mmu\":{\"counts\":[\"stw\"],\"scope\":\"aggregate\",\"points\":[" > records
    for (i = 0; i < 9; i++) {
      u = i < 3 ? 0 : (i - 2) / 7 * (c == "satb" ? 0.99 : 0.876)
      printf "%s{\"w_ns\":%.0f,\"mmu\":%.4f,\"bmu\":%.4f}", i ? "," : "", 1e6 * 3 ^ i, u, u * 0.98 > records
    }
    printf "],\"worst_windows\":[]},\"memory\":{\"peak_used_bytes\":41943040,\"peak_side_metadata_bytes\":786432,\"peak_rss_bytes\":%.0f},", 65531904 * cost[c] * noise() > records
    printf "\"numa\":{\"nodes\":2,\"synthetic\":false,\"copy_matrix\":%s,\"why_null\":{\"copy_matrix\":\"this collector copies nothing\"}},", c == "generational" ? "[[7340032,1048576],[2097152,5242880]]" : "null" > records
    printf "\"files\":{\"gc\":\"%s/gc.csv\",\"pauses\":\"%s/pauses.csv\",\"samples\":\"%s/samples.csv\"}}\n", path, path, path > records
  }
}'
