-- enum account_answers: whose invitations a room answers by itself.
ALTER TABLE account ADD COLUMN answers INTEGER NOT NULL DEFAULT 0;
