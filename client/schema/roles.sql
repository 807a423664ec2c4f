-- patronctl_roles owns the functions of desk/staff/logins.sql, and nothing else.
GRANT EXECUTE ON FUNCTION desk.fail(text, text, text, jsonb), desk.filled(text, jsonb) TO patronctl_roles;
RESET ROLE;
GRANT patronctl_owner, patronctl_roles TO CURRENT_USER;
GRANT USAGE, CREATE ON SCHEMA desk TO patronctl_roles;
ALTER FUNCTION desk.staff_group(text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.require_plain_login(text, boolean) OWNER TO patronctl_roles;
ALTER FUNCTION desk.refuse_oneself(text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.require_verifier(text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.join_group(text, text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.leave_group(text, text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.make_login(text, text) OWNER TO patronctl_roles;
ALTER FUNCTION desk.alter_login(text, text, boolean, timestamptz) OWNER TO patronctl_roles;
GRANT EXECUTE ON FUNCTION
  desk.staff_group(text),
  desk.require_plain_login(text, boolean),
  desk.refuse_oneself(text),
  desk.join_group(text, text),
  desk.leave_group(text, text),
  desk.make_login(text, text),
  desk.alter_login(text, text, boolean, timestamptz)
  TO patronctl_owner;
REVOKE CREATE ON SCHEMA desk FROM patronctl_roles;
REVOKE patronctl_roles FROM CURRENT_USER;

-- The owner of the database reads versions and sizes without lending itself more.
GRANT USAGE ON SCHEMA desk TO SESSION_USER;
GRANT EXECUTE ON FUNCTION desk.installation_status(), desk.heads(text[]), desk.tree_hashes(integer[], bigint[]) TO SESSION_USER;
SET LOCAL ROLE patronctl_owner;
