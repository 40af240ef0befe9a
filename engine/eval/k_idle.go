package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// idleKernels answer for what this server never does, as PostgreSQL's do where it was never done: no table is vacuumed or analyzed,
// functions are not tracked, nothing is replicated or recovered, and the log is not collected.
func idleKernels() []Kernel {
	var ks []Kernel
	for _, n := range []string{
		"pg_stat_get_last_vacuum_time", "pg_stat_get_last_autovacuum_time", "pg_stat_get_last_analyze_time", "pg_stat_get_last_autoanalyze_time",
		"pg_stat_get_function_calls", "pg_stat_get_function_total_time", "pg_stat_get_function_self_time", "pg_stat_get_xact_function_calls",
		"pg_stat_get_xact_function_total_time", "pg_stat_get_xact_function_self_time", "pg_stat_get_snapshot_timestamp",
		"pg_last_xact_replay_timestamp", "pg_current_logfile", "pg_current_logfile_1arg", "pg_replication_origin_oid",
	} {
		ks = append(ks, scalar(n, nullOf))
	}
	noRecovery := func(*Call, []sqltype.Value) (sqltype.Value, error) {
		return sqltype.Value{}, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "recovery is not in progress").
			WithHint("Recovery control functions can only be executed during recovery.")
	}
	return append(ks,
		scalar("pg_replication_origin_session_is_setup", constant(sqltype.Bool(false))),
		scalar("pg_is_wal_replay_paused", noRecovery), scalar("pg_get_wal_replay_pause_state", noRecovery), scalar("pg_promote", noRecovery))
}
