-- The end user whose call an answer was made for, so that it goes when they are erased. Answers from before do not say it.
DELETE FROM cached_answers;
ALTER TABLE cached_answers ADD COLUMN end_user text;
