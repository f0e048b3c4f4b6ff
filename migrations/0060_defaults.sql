-- Members in default are looked at by the worker; what chamas/ writes.

CREATE INDEX chama_members_in_default ON chama_members (id) WHERE status = 'defaulted';
