-- How well anonymous histories hide people.

-- By branch of an authority (NULL: of all this login may see): how many anonymous patrons there are, behind how many of them
-- stand fewer than k people, and how many rows those have. `mended` are those that dropping the birth year would bring to k
-- people, `left_over` those that need the branch dropped as well.
CREATE FUNCTION desk.report_anonymity(access bigint, authority text, k integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM desk.use_access(access, 'report_anonymity');
  PERFORM desk.require_reach('history report', report_anonymity.authority);
  IF report_anonymity.k < 1 THEN
    PERFORM desk.fail('LB400', 'k is at least 1');
  END IF;
  RETURN (
    WITH stand_in AS MATERIALIZED (
      SELECT a.*, coalesce(report_anonymity.k, desk.setting('k', a.authority)::integer) AS enough
      FROM lms.anonymous_patron AS a
      WHERE a.authority = coalesce(report_anonymity.authority, a.authority)
        AND desk.administers('history report', a.authority)
    ), fit AS MATERIALIZED ( -- also of any branch, of any birth year
      SELECT p.authority, p.category, p.branch, p.birth_year, grouping(p.branch) = 1 AS any_branch,
        grouping(p.birth_year) = 1 AS any_year, count(*) AS people
      FROM lms.patron AS p
      WHERE p.status = 'active'
      GROUP BY p.authority, p.category, GROUPING SETS ((p.branch, p.birth_year), (p.branch), (p.birth_year), ())
    ), judged AS (
      SELECT s.id, s.authority, s.branch, s.enough, coalesce(exact.people, 0) AS people, coalesce(year.people, 0) AS any_year
      FROM stand_in AS s
      LEFT JOIN fit AS exact
        ON (exact.authority, exact.category, coalesce(exact.branch, ''), coalesce(exact.birth_year, 0))
          = (s.authority, s.category, coalesce(s.branch, ''), coalesce(s.birth_year, 0))
        AND exact.any_branch = (s.branch IS NULL) AND exact.any_year = (s.birth_year IS NULL)
      LEFT JOIN fit AS year
        ON (year.authority, year.category, coalesce(year.branch, '')) = (s.authority, s.category, coalesce(s.branch, ''))
        AND year.any_branch = (s.branch IS NULL) AND year.any_year
    )
    SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.authority, r.branch), '[]')
    FROM (
      SELECT j.authority, coalesce(j.branch, '') AS branch, min(j.enough) AS k,
        count(*) AS groups,
        count(*) FILTER (WHERE j.people < j.enough) AS below_k,
        coalesce(sum(l.held) FILTER (WHERE j.people < j.enough), 0) AS loans,
        count(*) FILTER (WHERE j.people < j.enough AND j.any_year >= j.enough) AS mended,
        count(*) FILTER (WHERE j.any_year < j.enough) AS left_over
      FROM judged AS j,
        LATERAL (SELECT count(*) AS held FROM lms.anonymous_loan AS n WHERE j.people < j.enough AND n.anonymous_patron = j.id) AS l
      GROUP BY j.authority, j.branch
    ) AS r
  );
END
$$;
