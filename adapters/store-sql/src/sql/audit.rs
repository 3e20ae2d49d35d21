//! Reading the whole store. These statements may scan; no request executes them.

use super::photos::{photo_columns, stored_photo_columns};

pub(crate) const USERS: &str = "SELECT id, email, email_key, created_at, confirmed_at, deleting, albums, photos, bytes, quota_bytes \
     FROM User WHERE id > ? ORDER BY id LIMIT ?";

pub(crate) const ALBUMS: &str = "SELECT id, owner_id, deleting, photo_count, cover, name, description \
     FROM Album WHERE id > ? ORDER BY id LIMIT ?";

pub(crate) const PHOTOS: &str =
    concat!("SELECT ", stored_photo_columns!(), " FROM Photo p WHERE p.id > ? ORDER BY p.id LIMIT ?");

/// What became of a photo when it was published, whatever its state is now.
pub(crate) const FACTS: &str =
    concat!("SELECT ", photo_columns!(), ", p.exif FROM Photo p WHERE p.id = ? AND p.image IS NOT NULL");

pub(crate) const POSTINGS: &str = "SELECT term FROM Posting WHERE target = ? ORDER BY term";

/// Records of each kind whose account, album, photo or session is gone.
pub(crate) const STRAYS: &str = "SELECT DISTINCT 'posting' AS kind, o.target AS about FROM Posting o \
     WHERE NOT EXISTS (SELECT 1 FROM Album a WHERE a.id = o.target) \
       AND NOT EXISTS (SELECT 1 FROM Photo p WHERE p.id = o.target) \
     UNION ALL SELECT 'session', s.user_id FROM Session s \
     WHERE NOT EXISTS (SELECT 1 FROM User u WHERE u.id = s.user_id) \
     UNION ALL SELECT 'token', t.session_id FROM SessionToken t \
     WHERE NOT EXISTS (SELECT 1 FROM Session s WHERE s.id = t.session_id) \
     UNION ALL SELECT 'idempotency record', r.resource FROM IdempotencyRecord r \
     WHERE NOT EXISTS (SELECT 1 FROM User u WHERE u.id = r.owner_id) \
       OR (NOT EXISTS (SELECT 1 FROM Album a WHERE a.id = r.resource) \
       AND NOT EXISTS (SELECT 1 FROM Photo p WHERE p.id = r.resource)) \
     UNION ALL SELECT 'job', j.user_id FROM Job j \
     WHERE j.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM User u WHERE u.id = j.user_id) \
       AND NOT EXISTS (SELECT 1 FROM Registration r WHERE r.id = j.user_id) \
     LIMIT ?";
