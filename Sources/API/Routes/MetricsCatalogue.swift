/// What the service's metrics mean, for the page that Prometheus reads.
package enum MetricsCatalogue {
    package static let help = [
        "clawcast_attempts_in_flight": "Delivery attempts being made now.",
        "clawcast_attempts_total": "Delivery attempts that ended, by channel and outcome.",
        "clawcast_broker_available": "1 while both connections to the broker are up, otherwise 0.",
        "clawcast_broker_blocked": "1 while the broker is low on memory or disk and holds publishers back.",
        "clawcast_circuit_openings_total": "Times a target stopped answering, or a probe of it failed.",
        "clawcast_conservation_violations": "What contradicts itself in the ledger; must read 0.",
        "clawcast_conservation_warnings": "What is worth a look in the ledger, and no violation.",
        "clawcast_dead_letters_published_total": "Dead letters that the broker has confirmed.",
        "clawcast_delivery_duration_seconds": "Time that delivery attempts took.",
        "clawcast_events_owed": "Events that the broker has not confirmed yet.",
        "clawcast_events_published_total": "Events that the broker has confirmed.",
        "clawcast_job_mismatches_total": "Job messages that did not match the ledger and were quarantined.",
        "clawcast_jobs": "Jobs in the ledger by status.",
        "clawcast_jobs_accepted_total": "Jobs of accepted plans.",
        "clawcast_jobs_missed_total": "Jobs whose message the broker had lost, handed out again.",
        "clawcast_jobs_owed": "Jobs due that the broker has not confirmed yet.",
        "clawcast_jobs_published_total": "Job messages that the broker has confirmed.",
        "clawcast_jobs_scheduled": "Jobs that wait for the time of their plan.",
        "clawcast_ledger_available": "1 while the ledger can be written, otherwise 0.",
        "clawcast_ledger_failures_total": "Calls that the ledger could not carry out, by cause.",
        "clawcast_plans_accepted_total": "Plans accepted.",
        "clawcast_plans_rejected_total": "Plan messages refused, by code.",
        "clawcast_ready": "1 while the service can take work, otherwise 0.",
        "clawcast_target_pauses_total": "Times a target asked to be left alone.",
        "clawcast_targets": "Targets in the ledger.",
        "clawcast_targets_in_quarantine": "Targets whose queue the broker refuses.",
    ]

    /// Upper bounds by label, in seconds.
    package static let buckets = [
        "clawcast_delivery_duration_seconds": [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30,
        ]
    ]
}
