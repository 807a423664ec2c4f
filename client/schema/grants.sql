-- Who may call what, when all functions are there. A function that operations open may be called by the roles that have a right to
-- one of them; deciding about a right is the work of open_access and use_access, a grant only keeps out those who could have none.
-- Everything else in this schema is called by these functions only.
GRANT USAGE ON SCHEMA desk
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor,
    patronctl_opac;

-- What needs no access.
GRANT EXECUTE ON FUNCTION desk.open_access, desk.heads, desk.tree_hashes
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor,
    patronctl_opac;
GRANT EXECUTE ON FUNCTION desk.may, desk.list_settings, desk.names
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;

DO $$
DECLARE
  opened record;
BEGIN
  FOR opened IN
    SELECT f.name, string_agg(DISTINCT quote_ident('patronctl_' || r.role), ', ') AS groups
    FROM patronctl.operation AS o
    CROSS JOIN unnest(o.functions) AS f(name)
    JOIN patronctl.rights AS r ON r.operation = o.name
    GROUP BY f.name
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION desk.%I TO %s', opened.name, opened.groups); -- fails when there is none, or several
  END LOOP;
END
$$;
