#!/usr/bin/env bash
# Runs a table through a real Slurm, controller and node on this machine, started here and stopped at the end: a job array, a task that is preempted, one that is
# requeued. It needs root, slurmctld, slurmd and munged (Debian: apt-get install slurm-wlm munge); where they are missing it says so and passes.  tests/slurm.sh
set -euo pipefail
cd "$(dirname "$0")/.."

for needed in slurmctld slurmd munged sbatch; do
  PATH=$PATH:/usr/sbin command -v "$needed" >/dev/null || { echo "skipped: there is no $needed here (Debian: apt-get install slurm-wlm munge)"; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: starting Slurm needs root"; exit 0; }
PATH=$PATH:/usr/sbin

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1
built=src/Cmsa.Cli/bin/Release/net10.0/cmsa.dll
[ -f "$built" ] || { bash build/native-runtime.sh; dotnet build src/Cmsa.Cli -c Release -v quiet; }
cmsa() { dotnet "$built" "$@"; }

at=$(mktemp -d)
node=$(hostname -s)
export SLURM_CONF=$at/slurm.conf
stop() {
  if [ -f "$at/slurmctld.pid" ]; then
    scancel --state=PENDING --user=root && scancel --state=RUNNING --user=root && for _ in $(seq 40); do [ -z "$(squeue -h)" ] && break; sleep 1; done || true
  fi
  for daemon in slurmd slurmctld munged; do
    [ -f "$at/$daemon.pid" ] && kill "$(cat "$at/$daemon.pid")" 2>/dev/null || true
  done
  sleep 1
  rm -rf "$at"
}
trap stop EXIT
trap 'exit 1' TERM INT
fail() { echo "FAILED: $*"; tail -n 20 "$at"/*.log "$at"/runs/slurm-*.log 2>/dev/null; exit 1; }

mkdir -p "$at"/{state,spool,runs}
chmod 755 "$at"
dd if=/dev/urandom of="$at/munge.key" bs=1024 count=1 status=none
chmod 160 "$at/munge.key"
cat >"$SLURM_CONF" <<EOF
ClusterName=cmsa
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$at/munge.socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=$at/state
SlurmdSpoolDir=$at/spool
SlurmctldPidFile=$at/slurmctld.pid
SlurmdPidFile=$at/slurmd.pid
SlurmctldLogFile=$at/slurmctld.log
SlurmdLogFile=$at/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=2,bf_interval=2
KillWait=30
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=low Nodes=$node Default=YES PriorityTier=1 GraceTime=60 State=UP
PartitionName=high Nodes=$node PriorityTier=9 PreemptMode=OFF State=UP
EOF
printf 'CgroupPlugin=cgroup/v1\n' >"$at/cgroup.conf"

munged --key-file="$at/munge.key" --socket="$at/munge.socket" --pid-file="$at/munged.pid" --log-file="$at/munged.log" --seed-file="$at/munged.seed" --force
slurmctld
slurmd
for _ in $(seq 30); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 1; done
sinfo -h -o %T | grep -q idle || fail "Slurm does not start here"

# Waits until something holds, at most so many seconds.
within() { local seconds=$1; shift; for _ in $(seq "$seconds"); do "$@" && return; sleep 1; done; fail "after $seconds s still not: $*"; }
over() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }
running() { [ "$(squeue -h -j "$1" -o %T 2>/dev/null)" = RUNNING ]; }
trained() { grep -q '"step"' "$at"/runs/*-"$1"/log.jsonl 2>/dev/null; }
numbers() { cut -d, -f1-14 "$1"; }
array() { sed -nE 's/^Slurm has job ([0-9]+):.*/\1/p'; }

table=(table 3 --seeds 1 --runs "$at/runs")

echo "1. two rows as an array"
job=$(cmsa "${table[@]}" --rows none,all --iterations 40 --slurm -- --partition=low --ntasks=1 | array)
[ -n "$job" ] || fail "nothing was submitted"
within 900 over "$job"
cmsa "${table[@]}" --rows none,all --iterations 40 --no-run -o "$at/slurm" | tee "$at/shown.log"
! grep -q 'not finished' "$at/shown.log" || fail "rows are missing"
cmsa "${table[@]}" --rows none,all --iterations 40 --slurm | grep -q 'Table 3' || fail "what is done was handed over again"
cmsa table 3 --runs "$at/here" --rows none,all --iterations 40 -o "$at/here" >/dev/null
diff <(numbers "$at/slurm/table.csv") <(numbers "$at/here/table.csv") || fail "Slurm's numbers are others than those of this shell"

echo "2. a task that is preempted goes on from its checkpoint"
job=$(cmsa "${table[@]}" --rows words --iterations 600 --slurm -- --partition=low --exclusive | array)
within 600 trained words
sbatch --parsable --partition=high --exclusive --output=/dev/null --wrap 'sleep 3' >/dev/null
within 90 grep -q interrupted "$at/runs/slurm-${job}_0.log"
within 120 running "${job}_0"

echo "3. and after a requeue again"
within 600 grep -q 'going on' "$at/runs/slurm-${job}_0.log"
sleep 2
scontrol requeue "${job}_0"
within 900 over "$job"
[ "$(grep -c 'going on' "$at/runs/slurm-${job}_0.log")" -ge 2 ] || fail "it did not go on twice"
cmsa "${table[@]}" --rows words --iterations 600 --no-run -o "$at/slurm" >/dev/null
cmsa table 3 --runs "$at/here" --rows words --iterations 600 -o "$at/here" >/dev/null
diff <(numbers "$at/slurm/table.csv") <(numbers "$at/here/table.csv") || fail "the interrupted run ended elsewhere than the uninterrupted one"

echo "passed"
