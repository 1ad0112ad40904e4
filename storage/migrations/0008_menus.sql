-- Which command menu a private chat shows: role and language, so that a change of post changes the menu once.

CREATE TABLE menus (channel TEXT NOT NULL, user_id BIGINT NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (channel, user_id));
