import GRDB

/// The ledger's tables (contract, section 6).
///
/// - `distribution_targets`: configured destinations; `credentials` is sealed; a deleted one keeps its row for its jobs.
///   `pauseReason` without `pausedUntil` is a pause that lasts until somebody ends it; `failingSince` is the first failure
///   since the last success, once that has lasted for ten minutes; the three `circuit` columns are set while its circuit
///   is open.
/// - `distribution_plans`: what was asked for. The seven counts, `status` and `sequence` (of its newest event) move in
///   the transaction that moves a job. Its jobs are the ids `firstJobId` … `lastJobId`, which is why no index of jobs by
///   plan or by domain exists.
///   `bytesReleased` is 1 once none of its jobs needs bytes any more.
/// - `distribution_payloads`: rendered bodies, equal bytes of one media type once; `uses` counts the jobs that name one,
///   and it goes with the last.
/// - `distribution_jobs`: one row a (plan, target). `openAttemptId` names the attempt under way, `receiptId` the receipt;
///   `endedAt` is set once nothing more can happen (a cancelled job with an open attempt has yet to end); `diedAt` tells
///   when it failed, `deadLetter` what became of its letter: `owed` until the broker has confirmed it, then `published`,
///   `purged` once it is no more and has no `payloadId`.
/// - `distribution_attempts`: one row an attempt, open while `finishedAt` is NULL.
/// - `distribution_receipts`: proof of acceptance.
/// - `event_outbox`: events owed to the broker, in the order of their commit; deleted once confirmed.
/// - `plan_rejections`: fingerprints of refused messages, kept for a day, so that a redelivery is told of once.
/// - `plan_cancellations`: keys of plans that were called off before they came, kept for a day.
/// - `plan_retries`: plans whose jobs are being tried again in steps, and how far that has come.
/// - `dead_letter_runs`: replays and purges that somebody asked for: what is to be taken (`selectionJson`), and how far
///   that has come; every letter up to `position` has been looked at.
/// - `plan_removals`: plans that retention is removing: their row is gone, their jobs `firstJobId` … `lastJobId` are not
///   yet, and count for nobody any more.
/// - `api_keys`: digests of keys, never the keys.
/// - `ledger_probe`: empty; a row is made and deleted to learn whether a ledger in trouble can be written again.
/// - `ledger_incarnations`: one row each time a process opened the ledger; attempts carry its id.
///
/// Times are ISO 8601 text, ids are never reused, tables are STRICT. Foreign keys are not enforced: one writer, whose
/// transitions are all in this target, keeps them true, and a check for each of a job's three parents would cost more
/// than its insertion. Every index beyond the keys is partial or small, since each one is paid for on every job.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: targets, keys and incarnations") { try $0.execute(sql: Self.targets) }
        migrator.registerMigration("2: plans, payloads and rejections") { try $0.execute(sql: Self.plans) }
        migrator.registerMigration("3: jobs, attempts, receipts and events") { try $0.execute(sql: Self.jobs) }
        migrator.registerMigration("4: cancellations that came before their plan") {
            try $0.execute(sql: Self.cancellations)
        }
        migrator.registerMigration("5: since when a target fails") {
            try $0.execute(sql: "ALTER TABLE distribution_targets ADD COLUMN failingSince TEXT")
        }
        migrator.registerMigration("6: scheduled jobs, and steps of plans") { try $0.execute(sql: Self.schedule) }
        migrator.registerMigration("7: runs over dead letters, and retention") {
            try $0.execute(sql: Self.deadLetterRuns)
            try $0.execute(sql: Self.retention)
        }
        migrator.registerMigration("8: circuits that are open") { try $0.execute(sql: Self.circuits) }
        migrator.registerMigration("9: whether there is room") {
            try $0.execute(sql: "CREATE TABLE ledger_probe (id INTEGER PRIMARY KEY, ballast BLOB NOT NULL) STRICT")
        }
        return migrator
    }

    private static let targets = """
        CREATE TABLE distribution_targets (
            id INTEGER PRIMARY KEY AUTOINCREMENT, domainId INTEGER NOT NULL, name TEXT NOT NULL,
            channelType TEXT NOT NULL, configJson TEXT NOT NULL, credentials BLOB, deliveryJson TEXT NOT NULL,
            active INTEGER NOT NULL, disabledReason TEXT, pausedUntil TEXT, pauseReason TEXT, queueType TEXT NOT NULL,
            revision INTEGER NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL, deletedAt TEXT
        ) STRICT;
        CREATE INDEX targets_by_domain ON distribution_targets (domainId) WHERE deletedAt IS NULL;
        CREATE TABLE api_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, domainId INTEGER,
            scopes TEXT NOT NULL, createdAt TEXT NOT NULL, revokedAt TEXT
        ) STRICT;
        CREATE TABLE ledger_incarnations (
            id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, processId INTEGER NOT NULL,
            openedAt TEXT NOT NULL
        ) STRICT;
        """

    private static let plans = """
        CREATE TABLE distribution_plans (
            id INTEGER PRIMARY KEY AUTOINCREMENT, domainId INTEGER NOT NULL, idempotencyKey TEXT NOT NULL,
            requestDigest BLOB NOT NULL, requestId TEXT, contentItemId INTEGER NOT NULL,
            contentVersion INTEGER NOT NULL, scheduledAt TEXT, status TEXT NOT NULL,
            queuedCount INTEGER NOT NULL, runningCount INTEGER NOT NULL, retryingCount INTEGER NOT NULL,
            succeededCount INTEGER NOT NULL, failedCount INTEGER NOT NULL, blockedCount INTEGER NOT NULL,
            cancelledCount INTEGER NOT NULL, hasBegun INTEGER NOT NULL, sequence INTEGER NOT NULL,
            firstJobId INTEGER NOT NULL, lastJobId INTEGER NOT NULL, createdBy TEXT NOT NULL, userId TEXT,
            traceparent TEXT, tracestate TEXT, createdAt TEXT NOT NULL, completedAt TEXT,
            UNIQUE (domainId, idempotencyKey)
        ) STRICT;
        CREATE INDEX plans_by_domain ON distribution_plans (domainId);
        CREATE TABLE distribution_payloads (
            id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, contentType TEXT NOT NULL,
            bytes BLOB NOT NULL, UNIQUE (digest, contentType)
        ) STRICT;
        CREATE TABLE plan_rejections (
            fingerprint BLOB PRIMARY KEY, rejectedAt TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX rejections_by_time ON plan_rejections (rejectedAt);
        """

    private static let jobs = """
        CREATE TABLE distribution_jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, planId INTEGER NOT NULL REFERENCES distribution_plans,
            domainId INTEGER NOT NULL, targetId INTEGER NOT NULL REFERENCES distribution_targets,
            channelType TEXT NOT NULL, deliveryId TEXT NOT NULL, payloadDigest BLOB,
            payloadId INTEGER REFERENCES distribution_payloads, epoch INTEGER NOT NULL,
            publishedEpoch INTEGER NOT NULL, attempt INTEGER NOT NULL, scheduleStep INTEGER NOT NULL,
            maxAttempts INTEGER NOT NULL, status TEXT NOT NULL, nextAttemptAt TEXT, policyExpiresAt TEXT,
            errorCode TEXT, lastError TEXT, errorStatusCode INTEGER, errorCertainty TEXT, openAttemptId INTEGER,
            firstAttemptAt TEXT, receiptId INTEGER, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL, endedAt TEXT,
            diedAt TEXT, deadLetter TEXT
        ) STRICT;
        CREATE INDEX jobs_open_by_target ON distribution_jobs (targetId) WHERE endedAt IS NULL;
        CREATE INDEX jobs_owed ON distribution_jobs (id) WHERE publishedEpoch < epoch;
        CREATE INDEX jobs_dead_by_domain ON distribution_jobs (domainId) WHERE diedAt IS NOT NULL;
        CREATE INDEX jobs_dead_owed ON distribution_jobs (id) WHERE deadLetter = 'owed';
        CREATE TABLE distribution_attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT, jobId INTEGER NOT NULL REFERENCES distribution_jobs,
            number INTEGER NOT NULL, incarnation INTEGER NOT NULL, startedAt TEXT NOT NULL, finishedAt TEXT,
            durationMs INTEGER, statusCode INTEGER, certainty TEXT, errorCode TEXT, error TEXT,
            errorStatusCode INTEGER, errorCertainty TEXT, responseExcerpt TEXT
        ) STRICT;
        CREATE INDEX attempts_by_job ON distribution_attempts (jobId);
        CREATE TABLE distribution_receipts (
            id INTEGER PRIMARY KEY AUTOINCREMENT, jobId INTEGER NOT NULL REFERENCES distribution_jobs,
            domainId INTEGER NOT NULL, externalId TEXT, externalUrl TEXT, deliveredAt TEXT NOT NULL,
            responseMeta TEXT NOT NULL
        ) STRICT;
        CREATE INDEX receipts_by_domain ON distribution_receipts (domainId);
        CREATE TABLE event_outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, eventId TEXT NOT NULL, routingKey TEXT NOT NULL,
            correlationId TEXT, body TEXT NOT NULL
        ) STRICT;
        """

    private static let circuits = """
        ALTER TABLE distribution_targets ADD COLUMN circuitOpenedAt TEXT;
        ALTER TABLE distribution_targets ADD COLUMN circuitProbeAt TEXT;
        ALTER TABLE distribution_targets ADD COLUMN circuitPauseMs INTEGER;
        """

    private static let cancellations = """
        CREATE TABLE plan_cancellations (
            domainId INTEGER NOT NULL, idempotencyKey TEXT NOT NULL, cancelledAt TEXT NOT NULL,
            PRIMARY KEY (domainId, idempotencyKey)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX cancellations_by_time ON plan_cancellations (cancelledAt);
        """

    /// What waits for its time is in an index of its own, so that a look for what is owed does not meet it. Jobs that an
    /// earlier version has put into the delay ladder were confirmed and are in neither; they come out of it when due.
    private static let schedule = """
        DROP INDEX jobs_owed;
        CREATE INDEX jobs_owed ON distribution_jobs (id)
            WHERE publishedEpoch < epoch AND (status <> 'queued' OR nextAttemptAt IS NULL);
        CREATE INDEX jobs_scheduled ON distribution_jobs (nextAttemptAt)
            WHERE publishedEpoch < epoch AND status = 'queued' AND nextAttemptAt IS NOT NULL;
        CREATE INDEX plans_half_cancelled ON distribution_plans (id)
            WHERE status = 'cancelled' AND queuedCount + runningCount + retryingCount > 0;
        CREATE TABLE plan_retries (
            planId INTEGER PRIMARY KEY, afterJobId INTEGER NOT NULL
        ) STRICT;
        """

    private static let deadLetterRuns = """
        CREATE TABLE dead_letter_runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, domainId INTEGER NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
            selectionJson TEXT NOT NULL, idempotencyKey TEXT, ratePerSecond INTEGER NOT NULL, letterLimit INTEGER,
            total INTEGER NOT NULL, handled INTEGER NOT NULL, skipped INTEGER NOT NULL, position INTEGER NOT NULL,
            createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL, endedAt TEXT
        ) STRICT;
        CREATE UNIQUE INDEX runs_by_key ON dead_letter_runs (domainId, idempotencyKey)
            WHERE idempotencyKey IS NOT NULL;
        CREATE INDEX runs_open ON dead_letter_runs (id) WHERE status = 'running';
        CREATE INDEX runs_by_end ON dead_letter_runs (endedAt) WHERE endedAt IS NOT NULL;
        """

    /// A plan enters one index when it ends and is moved to the other by retention: the way of a delivery pays for one
    /// entry a plan, and a search for what is old reads nothing else.
    private static let retention = """
        ALTER TABLE distribution_payloads ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
        UPDATE distribution_payloads SET uses = n.uses
            FROM (SELECT payloadId, count(*) AS uses FROM distribution_jobs
                  WHERE payloadId IS NOT NULL GROUP BY payloadId) AS n
            WHERE n.payloadId = distribution_payloads.id;
        ALTER TABLE distribution_plans ADD COLUMN bytesReleased INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX plans_with_bytes_by_end ON distribution_plans (completedAt)
            WHERE completedAt IS NOT NULL AND bytesReleased = 0;
        CREATE INDEX plans_without_bytes_by_end ON distribution_plans (completedAt) WHERE bytesReleased = 1;
        CREATE INDEX letters_by_domain ON distribution_jobs (domainId) WHERE deadLetter <> 'purged';
        CREATE INDEX letters_by_time ON distribution_jobs (diedAt) WHERE deadLetter <> 'purged';
        CREATE TABLE plan_removals (
            planId INTEGER PRIMARY KEY, firstJobId INTEGER NOT NULL, lastJobId INTEGER NOT NULL
        ) STRICT;
        """
}
