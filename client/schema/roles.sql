-- patronctl_roles owns the functions that name logins, and nothing else.
RESET ROLE;
GRANT patronctl_owner, patronctl_roles TO CURRENT_USER;
GRANT CREATE ON SCHEMA desk TO patronctl_roles;
ALTER FUNCTION desk.join_group(text, text) OWNER TO patronctl_roles;
GRANT EXECUTE ON FUNCTION desk.join_group(text, text) TO patronctl_owner;
REVOKE CREATE ON SCHEMA desk FROM patronctl_roles;
REVOKE patronctl_roles FROM CURRENT_USER;

-- The owner of the database reads versions and sizes without lending itself more.
GRANT USAGE ON SCHEMA desk TO SESSION_USER;
GRANT EXECUTE ON FUNCTION desk.installation_status() TO SESSION_USER;
SET LOCAL ROLE patronctl_owner;
