-- Whose share of the journal an entry is: the IPv4 address, or the IPv6 network of 64 bits, of which one peer may have all
-- addresses. Of older entries it is the address.
ALTER TABLE attempt ADD COLUMN source TEXT NOT NULL DEFAULT '';
UPDATE attempt SET source = address;
