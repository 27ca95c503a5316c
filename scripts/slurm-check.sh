#!/usr/bin/env bash
# Runs a job array on a real Slurm: a controller and three nodes on this machine, in a temporary folder of their own. Two nodes are lost while their tasks
# work, so that these run again elsewhere while the old processes go on; a task is requeued; a model fails. At the end the scores must be those of a run
# without Slurm, bit by bit. Needs root, and Debian's or Ubuntu's slurm-wlm and munge.
# Usage: scripts/slurm-check.sh [--install]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cli=$root/dist/cli/main.js

fail() { echo "slurm-check: $*" >&2; exit 1; }
say() { echo "[$SECONDS s] $*"; }

[ "$(id -u)" = 0 ] || fail "needs root: Slurm's daemons run as root, in a temporary folder"
if [ "${1:-}" = --install ]; then apt-get install -y slurm-wlm munge >&2; fi
for program in munged slurmctld slurmd sbatch scontrol squeue; do
  command -v "$program" >/dev/null || fail "$program is missing; scripts/slurm-check.sh --install installs slurm-wlm and munge with apt-get"
done
[ -f "$cli" ] || fail "build first: npm run build"

work=$(mktemp -d)
daemons=()
declare -A slurmd_of

# Processes of this check that Slurm has started, by their command lines: they name its folder.
own_processes() {
  local entry line
  for entry in /proc/[0-9]*; do
    line=$({ tr '\0' ' ' <"$entry/cmdline"; } 2>/dev/null) || continue
    case $line in *score-task*"$work/"*) echo "${entry#/proc/}" ;; esac
  done
}

# The slurmstepd of a task: it outlives the slurmd of a lost node.
step_of() {
  local parent
  parent=$(sed -n 's/^PPid:\t//p' "/proc/$1/status" 2>/dev/null) || return 0
  case $({ tr '\0' ' ' <"/proc/$parent/cmdline"; } 2>/dev/null) in slurmstepd*) echo "$parent" ;; esac
}

clean_up() {
  local status=$? pid
  trap - EXIT
  if [ "$status" != 0 ]; then
    tail -n 5 "$work"/*.log "$work"/out/slurm/logs/*.log >&2 2>/dev/null || true
  fi
  for pid in $(own_processes); do daemons+=($(step_of "$pid")); done
  for pid in $(own_processes) ${daemons[@]+"${daemons[@]}"}; do
    kill -CONT "$pid" 2>/dev/null || true
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain for $what"
    sleep 0.3
  done
}

# --- Slurm, with three nodes on this machine -----------------------------------------------------------------------------------------------------------
host=$(hostname -s)
port=$((20000 + RANDOM % 20000))
export SLURM_CONF=$work/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SlurmdTimeout=6
SlurmctldTimeout=6
ReturnToService=2
JobRequeue=1
KillWait=10
MaxArraySize=9
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 RealMemory=8192
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 RealMemory=8192
NodeName=node3 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=1 RealMemory=8192
PartitionName=check Nodes=node1,node2,node3 Default=YES MaxTime=INFINITE State=UP
CONF
mkdir "$work/state" "$work"/spool.node{1,2,3}
dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 2>/dev/null
chmod 400 "$work/munge.key"
munged --foreground --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" --log-file="$work/munged.log" \
  --seed-file="$work/munge.seed" >"$work/munged.out.log" 2>&1 &
daemons+=($!)
wait_for 10 "munged" test -S "$work/munge.socket"
slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.out.log" 2>&1 &
daemons+=($!)
wait_for 20 "slurmctld" scontrol ping >/dev/null
start_node() {
  slurmd -D -N "$1" -f "$SLURM_CONF" >"$work/slurmd.$1.out.log" 2>&1 &
  slurmd_of[$1]=$!
  daemons+=($!)
}
for node in node1 node2 node3; do start_node "$node"; done
nodes_are_idle() { [ "$(sinfo -h -N -t idle -o %N | sort -u | wc -l)" = 3 ]; }
wait_for 60 "three idle nodes" nodes_are_idle
say "$(slurmctld -V): $(sinfo -h -o '%D nodes %t')"

# --- A job array with a model that cannot be scored ----------------------------------------------------------------------------------------------------
models=$work/models
out=$work/out
mkdir "$models"
cp "$root"/demo/models/*.gguf "$models/"
good=$(find "$models" -name '*.gguf' | wc -l)
# Weights that are not numbers: its header says nothing of it.
cp "$models/base-f16.gguf" "$models/broken.gguf"
head -c 4096 /dev/zero | tr '\0' '\377' | dd of="$models/broken.gguf" bs=1 seek=$(($(stat -c %s "$models/broken.gguf") - 8192)) conv=notrunc 2>/dev/null
# Many batches, so that there is something between them.
head -n 60 "$root/test/fixtures/texts-100.jsonl" >"$work/texts.jsonl"
scoring=(--texts "$work/texts.jsonl" --gpu off --sequences 1 --batch-tokens 64)
arrays=(slurm "$models" --out "$out" "${scoring[@]}" --cpus-per-task 1 --max-array-size 9)
node "$cli" "${arrays[@]}" --submit 2>/dev/null | tee "$work/submitted.log"
[ "$(find "$out/slurm" -name '*.sh' | wc -l)" = 2 ] || fail "expected two arrays of $((good + 1)) tasks below a MaxArraySize of 9"

words_of() { { tr '\0' '\n' <"/proc/$1/cmdline"; } 2>/dev/null; }
word_of() { words_of "$1" | grep -A1 -x -- "$2" | tail -n 1; }
list_of() { words_of "$1" | grep '/slurm/array-.*\.json$'; }
env_of() { { tr '\0' '\n' <"/proc/$1/environ"; } 2>/dev/null | sed -n "s/^$2=//p"; }
model_of() { node -p 'JSON.parse(fs.readFileSync(process.argv[1])).models[process.argv[2]].fileName' "$(list_of "$1")" "$(word_of "$1" --index)"; }
task_on() {
  local pid
  for pid in $(own_processes); do
    if [ "$(env_of "$pid" SLURMD_NODENAME)" = "$1" ]; then echo "$pid"; return; fi
  done
  return 1
}
stream_of() { find "$out/scores" -name ".$2.*.$1.arrows" -size +5k | grep -q .; }
# A task on a node that is in the middle of a model: sets pid, job and model.
task_in_the_middle_on() {
  pid=$(task_on "$1") && model=$(model_of "$pid") && [ "$model" != broken ] && stream_of "$pid" "$model" &&
    job=$(env_of "$pid" SLURM_ARRAY_JOB_ID)_$(env_of "$pid" SLURM_ARRAY_TASK_ID)
}
# Slurm lets a requeued task wait for two minutes; not here.
start_requeued() {
  local waiting
  for waiting in $(squeue -h -r -t PENDING -o '%i|%r' | sed -n 's/|BeginTime$//p'); do scontrol update JobId="$waiting" StartTime=now >/dev/null 2>&1 || true; done
  sleep 1
}
# Sets again, the process of the same task that is not the one given.
task_again() {
  local other
  for other in $(own_processes); do
    if [ "$other" != "$1" ] && [ "$(list_of "$other")" = "$2" ] && [ "$(word_of "$other" --index)" = "$3" ] && stream_of "$other" "$4"; then again=$other; return; fi
  done
  start_requeued
  return 1
}
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }
# lose_node NODE: its daemon dies, and its task is left, stopped for now; sets pid, model and job.
lose_node() {
  wait_for 120 "a task on $1" task_in_the_middle_on "$1"
  kill -STOP "$pid"
  daemons+=($(step_of "$pid"))
  disown "${slurmd_of[$1]}"
  kill -KILL "${slurmd_of[$1]}"
  say "$1 is lost while it scores $model (task $job), whose process $pid is left"
}

# --- Two nodes are lost, a task is requeued --------------------------------------------------------------------------------------------------------------
lose_node node1
overlapping=$pid overlapped_model=$model overlapped=$job
lose_node node2
late=$pid late_model=$model late_job=$job
wait_for 120 "a task on node3" task_in_the_middle_on node3
requeued=$job requeued_model=$model
scontrol requeue "$job"
wait_for 60 "the end of process $pid" is_gone "$pid"
say "task $requeued ($requeued_model) was requeued"

# --- The process that node1 left overlaps with the one that takes its place ------------------------------------------------------------------------------
wait_for 240 "task $overlapped on another node" task_again "$overlapping" "$(list_of "$overlapping")" "$(word_of "$overlapping" --index)" "$overlapped_model"
say "task $overlapped runs again on $(env_of "$again" SLURMD_NODENAME), as process $again"
kill -CONT "$overlapping"
if is_gone "$overlapping" || is_gone "$again"; then fail "the two tasks on $overlapped_model did not overlap"; fi
say "both processes work on $overlapped_model"
both_are_gone() { is_gone "$overlapping" && is_gone "$again"; }
wait_for 120 "the two tasks on $overlapped_model" both_are_gone
cp "$out/scores/$overlapped_model.arrow" "$work/overlapped.arrow"
start_node node1

# --- The process that node2 left wakes up when everything is done ----------------------------------------------------------------------------------------
array_is_done() {
  [ "$(squeue -h -r -t PENDING,RUNNING,COMPLETING,CONFIGURING | wc -l)" = 0 ] || { start_requeued; return 1; }
}
wait_for 400 "the end of the arrays" array_is_done
done_before=$(stat -c %Y%i "$out/scores/$late_model.arrow")
kill -CONT "$late"
wait_for 120 "the process that node2 left" is_gone "$late"
[ "$(stat -c %Y%i "$out/scores/$late_model.arrow")" != "$done_before" ] || fail "the process that node2 left did not write the scores of $late_model once more"
say "the process that node2 left has written $late_model (task $late_job) once more, after all others"

# --- What is there -------------------------------------------------------------------------------------------------------------------------------------
logs=("$out"/slurm/logs/*.log)
! grep -l "in use by" "${logs[@]}" || fail "a lock has refused a task"
broken_job=$(grep -l "broken: failed" "${logs[@]}" | sed 's/.*logs\/\(.*\)\.log/\1/')
scontrol show job "$broken_job" | grep -q "ExitCode=3:0" || fail "Slurm does not show the failure of the broken model"
say "broken, task $broken_job: $(scontrol -o show job "$broken_job" | grep -o 'JobState=[A-Z]* \|ExitCode=[0-9:]*' | tr -d '\n'); $(grep -h "broken: failed" "${logs[@]}" | cut -c 1-100)"
for continued in "$requeued" "$overlapped" "$late_job"; do
  grep -q "continuing after" "$out/slurm/logs/$continued.log" || fail "task $continued did not continue after the rows that were there"
done
say "$requeued_model, task $requeued: $(grep -h -o 'Interrupted\.\|continuing after .* texts' "$out/slurm/logs/$requeued.log" | tr '\n' ' ')"

status=0
node "$cli" score "$models" --out "$work/reference" "${scoring[@]}" --threads 1 >"$work/reference.log" 2>&1 || status=$?
[ "$status" = 3 ] || fail "the run without Slurm ended with $status, expected 3 for its broken model"
count=0
for reference in "$work"/reference/scores/*.arrow; do
  cmp "$reference" "$out/scores/$(basename "$reference")" || fail "other bits than without Slurm"
  count=$((count + 1))
done
[ "$count" = "$good" ] || fail "expected $good score files but found $count"
cmp "$work/overlapped.arrow" "$out/scores/$overlapped_model.arrow" || fail "the overlap changed a score file"
leftovers=$(find "$out/scores" "$out/tasks" -name '.*' -type f)
[ -z "$leftovers" ] || fail "left behind: $leftovers"
say "$count score files are those of a run without Slurm, bit by bit; no stream is left"

node "$cli" "${arrays[@]}" 2>/dev/null | tee "$work/again.log"
grep -q "^$good models are complete, 1 missing, of which 1 failed before" "$work/again.log" || fail "what is missing is not the broken model alone"
node "$cli" map --out "$out" 2>/dev/null
node "$cli" export --out "$out" --what models --to "$work/export" >/dev/null 2>&1
[ "$(wc -l <"$work/export/models.csv")" = $((good + 2)) ] || fail "expected one row for each of $((good + 1)) models"
say "slurm-check: passed"
