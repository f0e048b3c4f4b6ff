-- Questions that wait because Safaricom refuses our initiator: looked for before every status question.
CREATE INDEX inquiries_refused ON inquiries (shortcode_id) WHERE outcome = 'initiator refused';
