-- name: read_terms
SELECT
    programs.key, rates.rates, own.good, own.decided, clicks.count,
    earned.currency, earned.commission, earned.approved, earned.squares
FROM unnest(%(keys)s::text[]) AS programs(key)
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
        rate."group", rate.kind, rate.percent::text, rate.fixed::text, rate.currency, rate.cookie_days,
        rate.approval_rate::text
    )) AS rates
    FROM importer_program AS program
    JOIN importer_networkaccount AS account ON account.id = program.account_id
    JOIN sales_commissionrate AS rate ON rate.program_id = program.id AND rate.seen_until IS NULL
    WHERE program.external_id = substr(programs.key, strpos(programs.key, ':') + 1)
        AND account.network = split_part(programs.key, ':', 1) AND account.removed_at IS NULL
) AS rates ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(approved_count + paid_count) AS good,
        sum(approved_count + paid_count + rejected_count) AS decided
    FROM sales_dailyearnings
    WHERE dimension = 'program' AND basis = 'decision' AND key = programs.key
        AND day > %(today)s::date - 365
) AS own ON TRUE
LEFT JOIN catalog_shopsource AS source ON source.key = programs.key
LEFT JOIN LATERAL (
    SELECT sum(count) AS count FROM sales_dailyclicktotals
    WHERE dimension = 'shop' AND key = source.shop_id::text AND day > %(today)s::date - %(days)s
) AS clicks ON TRUE
LEFT JOIN LATERAL (
    SELECT currency, sum(commission) AS commission, sum(approved + paid) AS approved, sum(squares) AS squares
    FROM sales_dailyearnings
    WHERE dimension = 'shop' AND basis = 'click' AND key = source.shop_id::text AND currency <> ''
        AND day > %(today)s::date - %(days)s
    GROUP BY currency
    ORDER BY sum(pending_count + approved_count + paid_count) DESC, currency
    LIMIT 1
) AS earned ON TRUE
