### Every text that people read, in English. The keys are the same in every file of this folder. A no-break space
### (U+00A0) keeps a number and its unit on one line.

## Numbers and times

count-albums = { $count ->
    [0] no albums
    [one] { $count } album
   *[other] { $count } albums
}
count-photos = { $count ->
    [0] no photos
    [one] { $count } photo
   *[other] { $count } photos
}
count-files = { $count ->
    [0] no files
    [one] { $count } file
   *[other] { $count } files
}
count-objects = { $count ->
    [0] no stored objects
    [one] { $count } stored object
   *[other] { $count } stored objects
}
count-values = { $count ->
    [0] no values
    [one] { $count } value
   *[other] { $count } values
}
count-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
format-date = { $day } { $month } { $year }
format-clock = { $date }, { $clock }
format-clock-offset = { $date }, { $clock } ({ $zone })
format-minute = { $date }, { $clock } UTC
format-day = { $weekday }, { $day } { $month }
format-month = { $month } { $year }
month-january = January
month-february = February
month-march = March
month-april = April
month-may = May
month-june = June
month-july = July
month-august = August
month-september = September
month-october = October
month-november = November
month-december = December
weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday

## The frame around every page

frame-skip = Skip to content
frame-gallery = Gallery
frame-albums = Albums
frame-photos = Photos
frame-search-label = Search photos and albums
frame-search-placeholder = Search
frame-search-button = Search
frame-account = Account
frame-account-of = Account of
frame-log-in = Log in
frame-log-out = Log out
frame-sign-up = Sign up
frame-developers = API
pager-label = Pages
pager-first = Back to newest
pager-older = Older

## Buttons and fields that several pages have

button-save = Save
button-cancel = Cancel
button-keep = Keep
field-email = E-mail address
field-name = Your name
field-password = Password
field-your-password = Your password
field-current-password = Current password
field-new-password = New password
field-password-hint = At least { $characters } characters. A few words that only you would put together work well.
field-album-name = Name
field-title = Title
field-description = Description
field-optional = Optional
field-tags = Tags
field-tags-hint = Separated by commas
field-album = Album
field-taken = Date taken
field-taken-hint = As much as you know: 2024, 2024-07, 2024-07-14 or 2024-07-14 21:30, and after a time its offset from UTC (2024-07-14 21:30 +02:00). Leave it empty to use the date in the file.
field-language = Language
field-language-automatic = As in your browser

## Signing up and logging in

login-title = Log in
login-to-continue = Log in to continue.
login-button = Log in
login-forgot = Forgot your password?
login-link-expired = Signed up, but the link doesn’t work?
login-new-link = Get a new one
login-no-account = No account yet?
login-sign-up = Sign up
signup-title = Sign up
signup-email-hint = We’ll send a link there to confirm that it’s yours.
signup-button = Sign up
signup-has-account = Already have an account?
signup-log-in = Log in
mailbox-title = Check your e-mail
mailbox-signed-up = We’ve sent an e-mail to the address you entered. Open the link in it to confirm your address, then log in.
mailbox-resent = If there’s an unconfirmed sign-up with this address, a new link is on its way.
mailbox-reset = If there is an account with this address, a link to choose a new password is on its way.
mailbox-hint = The link works for 10 minutes. If nothing arrives, check your spam folder.
mailbox-again = Send again
back-to-log-in = Back to log-in
resend-title = Confirm your address
resend-lead = Enter the address you signed up with, and we’ll send you a new link.
forgot-title = Forgot your password?
forgot-lead = Enter your address, and we’ll send you a link to choose a new password.
address-button = Send link
link-new = Get a new link
reset-title = Choose a new password
reset-lead = This logs you out everywhere. Then log in with your new password.
reset-button = Save password

## Messages after something was done

flash-confirmed = Your e-mail address is confirmed. You can log in now.
flash-logged-out = You’re logged out.
flash-password-reset = Your new password is saved. Log in with it.
flash-password-changed = Your password has been changed. Your other sessions have ended.
flash-account-saved = Changes saved
flash-session-ended = Session ended
flash-album-saved = Album saved
flash-album-deleted = Album and photos deleted
flash-photos-uploaded = Photos uploaded
flash-photo-saved = Photo saved
flash-photo-deleted = Photo deleted

## The account

account-title = Account
account-storage = Storage
account-contents = { $albums }, { $photos }
account-used = { $used } of { $quota } used
account-full = Your storage is full. Delete photos to make room.
account-you = You
account-since = { $email }, member since
account-password = Password
account-password-button = Change password
account-password-hint = Your other sessions will end, and we’ll e-mail you about it.
account-sessions = Sessions
account-session-this = This session
account-session-began = Logged in
account-session-seen = Last active
account-session-end = End
account-session-end-which = session of { $client }, logged in { $began }
account-client = { $browser } on { $system }
account-client-unnamed = Unnamed client
account-cancel = Cancel account
account-cancel-lead = All your albums and photos will be deleted permanently.
account-cancel-link = Cancel account…
cancel-title = Cancel your account
cancel-lead = Everything in your account will be deleted permanently: { $albums }, { $photos } ({ $size }), and everything else we know about you. This can’t be undone. We’ll send you one last e-mail when it’s done.
cancel-button = Cancel my account
cancel-keep = Keep my account
cancelled-title = Your account is cancelled
cancelled-lead = Nobody can see your albums and photos any more. They’re being deleted now; we’ll send you one last e-mail when that’s done, saying what was deleted.

## Albums

albums-title = Albums
albums-create = Create album
albums-empty = No albums yet. Photos live in albums: create your first one.
album-new-title = Create album
album-new-button = Create album
album-created = created
album-edit = Edit
album-delete = Delete
album-edit-title = Edit album
album-edit-page = Edit { $name }
album-cover = Cover
album-empty = No photos in this album yet.
album-no-more = No more photos.
album-delete-title = Delete the album “{ $name }”?
album-delete-detail = { $count ->
    [0] The album is empty.
    [one] The photo in it will be deleted permanently. This can’t be undone.
   *[other] The { $count } photos in it will be deleted permanently. This can’t be undone.
}
album-delete-button = Delete album
upload-label = Add photos
upload-hint = JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF or BMP, up to { $limit } each. You can choose several at once.
upload-drop-hint = Or drop them anywhere on this page, or paste them.
upload-button = Upload
upload-cut-short = The upload was interrupted. { $reason }
upload-taken = { $count ->
    [0] None of its photos was added.
    [one] { $count } photo was added.
   *[other] { $count } photos were added.
}
upload-refused = { $count ->
    [one] This file wasn’t added:
   *[other] These { $count } files weren’t added:
}
upload-in-album = Added to the album:

## Photos

photos-title = Photos
photos-empty = No photos yet. Open or create an album, and add some.
photos-no-more = No more photos.
photos-to-albums = Go to albums
photo-damaged-mark = Damaged
photo-edit = Edit
photo-download = Download
photo-download-what = (original)
photo-delete = Delete
photo-delete-title = Delete the photo “{ $name }”?
photo-delete-detail = The photo and its original will be deleted permanently. This can’t be undone.
photo-delete-button = Delete photo
photo-edit-title = Edit photo
photo-edit-page = Edit { $name }
photo-neighbours = Photos in this album
photo-previous = Previous
photo-next = Next
photo-damaged = This photo’s file is damaged. What can be read of it is shown; the original is kept as you uploaded it.
photo-tags = Tags
photo-taken = Taken
photo-undated = No date
photo-maker = Make
photo-model = Model
photo-camera = Camera
photo-lens = Lens
photo-exposure = Exposure
photo-exposure-value = { $seconds } s
photo-aperture = Aperture
photo-iso = ISO
photo-focal-length = Focal length
photo-aperture-value = f/{ $number }
photo-focal-length-value = { $length } mm
photo-focal-length-35mm = { $length } mm (35 mm equivalent: { $equivalent } mm)
photo-location = Location
photo-location-value = { $latitude }° { $north }, { $longitude }° { $east }
photo-altitude = Altitude
photo-altitude-value = { $metres } m
photo-size = Size
photo-size-value = { $width } × { $height }, { $size }
photo-file = File
photo-uploaded = Uploaded
photo-exif = EXIF, { $values }
photo-exif-caption = What the camera wrote into the file
compass-north = N
compass-south = S
compass-east = E
compass-west = W

## Search

search-title = Search
search-page = { $query } – Search
search-heading = Search: { $query }
search-words = Words
search-placeholder = Titles, tags, cameras…
search-button = Search
search-hint = Searches the tags, titles, file names, cameras, lenses, dates and descriptions of your photos, and the names and descriptions of your albums. The beginning of a word is enough.
search-albums = Albums
search-photos = Photos
search-more-albums = There are more albums. Add a word to narrow this down.
search-nothing-yet = Nothing found for “{ $query }” so far. There is more to search.
search-nothing = Nothing found for “{ $query }”. All words must match; the beginning of a word is enough.
search-back = Searched back to { $month }
search-continue = Continue
search-hints = Not everything was understood
search-hint-quote = A quotation mark is not closed.
search-hint-empty = Nothing follows “{ $operator }:”, so it was left out.
search-hint-type = “{ $value }” is not a file type that the gallery knows, so it was left out. Known are jpg, png, gif, webp, avif, heic, tif and bmp.
search-hint-date = “{ $operator }:{ $value }” was left out. Dates look like 2024, 2024-07 or 2024-07-14.
search-hint-words = Only the first { $most } words were searched for.
search-help = How to search
search-example-word = sun har
search-example-quotes = "harbour"
search-example-minus = -night
search-example-tag = tag:"grey heron"
search-example-camera = camera:canon
search-example-lens = lens:35mm
search-example-label = label:dog
search-example-album = album:summer
search-example-type = type:png
search-example-after = after:2024-07
search-example-before = before:2024-07-14
search-help-word = Words that begin so, with or without accents. All of them must be found.
search-help-quotes = The whole word or tag
search-help-minus = Not with this word, tag or whatever follows the minus sign
search-help-tag = Photos with this tag
search-help-camera = Photos taken with this camera
search-help-lens = Photos taken with this lens
search-help-label = Photos with this label
search-help-album = Photos in albums with this name
search-help-type = Photos of this file type
search-help-after = Taken on this day, month or year, or later
search-help-before = Taken before this day, month or year

## What the script on pages says

script-waiting = Waiting
script-percent = { $percent }%
script-processing = Processing
script-done = Added
script-too-large = { $size } is too large; the limit is { $limit }.
script-logged-out = You’re logged out. Log in again and retry.
script-unreachable = The gallery can’t be reached. Try again.
script-retry = Retry
script-progress = { $done } of { $all } added.
script-progress-failed = { $done } of { $all } added, { $failed } failed.
script-show-new = Show the new photos
script-photo = Photo
script-details = Details
script-close = Close
script-previous = Previous photo
script-next = Next photo

## Why a request failed: title and sentence of each code

error-status = Status { $status }
error-home = Go to albums
problem-malformed = Bad request
problem-malformed-detail = The request can’t be understood.
problem-invalid_cursor = Invalid cursor
problem-invalid_cursor-detail = Send the `next_cursor` of the previous page, unchanged.
problem-invalid_cursor-link = This link into a list isn’t valid. Start at the beginning of the list.
problem-interrupted = Interrupted
problem-interrupted-detail = The connection ended before the whole body had arrived.
problem-no_session = Not logged in
problem-no_session-detail = There is no session, or it has ended. Log in and try again.
problem-bad_credentials = Wrong e-mail or password
problem-bad_credentials-detail = Wrong e-mail address or password. If you’ve just signed up, open the link in the e-mail we sent you first.
problem-wrong_password = Wrong password
problem-wrong_password-detail = This isn’t the account’s password.
problem-cross_site = Request from another site
problem-cross_site-detail = Changes are accepted from this site only.
problem-forged_report = Report not genuine
problem-forged_report-detail = Nothing proves that this gallery’s mail system made this report.
problem-not_found = Not found
problem-not_found-detail = There is nothing here, or it isn’t yours.
problem-method_not_allowed = Method not allowed
problem-method_not_allowed-detail = This path doesn’t support this method; `Allow` lists those it does.
problem-contended = Changed at the same time
problem-contended-detail = This was changed somewhere else at the same time. Reload and try again.
problem-idempotency_unresolved = First request has no result
problem-idempotency_unresolved-detail = The first request with this Idempotency-Key is still running, or its result has been deleted.
problem-too_large = Too large
problem-too_large-detail = The body has more bytes than are allowed.
problem-quota_exceeded = Your storage is full
problem-quota_exceeded-detail = Not enough storage left. Delete photos or albums to make room.
problem-unsupported_photo = Not a supported photo
problem-unsupported_photo-detail = The file isn’t a JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF or BMP image.
problem-unsupported_media_type = Unsupported content type
problem-unsupported_media_type-detail = This operation doesn’t accept a body of this content type.
problem-range_not_satisfiable = Range not satisfiable
problem-range_not_satisfiable-detail = The range begins after the end of the file; `Content-Range` gives its length.
problem-invalid = Invalid input
problem-invalid-detail = Some fields are invalid; `errors` lists them.
problem-token_expired = The link has expired
problem-token_expired-detail = Links in e-mails work for 10 minutes. Get a new one.
problem-token_invalid = The link isn’t valid
problem-token_invalid-detail = The link was changed, has been used already, or is meant for something else.
problem-undecodable_photo = The photo can’t be read
problem-undecodable_photo-detail = The photo is damaged.
problem-undecodable_photo-reason = The photo can’t be read ({ $reason }).
problem-idempotency_mismatch = Key used before
problem-idempotency_mismatch-detail = This Idempotency-Key was used for a request with other content.
problem-too_many_attempts = Too many attempts
problem-too_many_attempts-detail = Too many attempts. Wait before you try again; `Retry-After` says how long.
problem-too_many_attempts-form = Too many attempts. Wait a few minutes, then try again.
problem-internal = Something went wrong
problem-internal-detail = Something went wrong on our side. It has been logged.
problem-unavailable = Temporarily unavailable
problem-unavailable-detail = The gallery is busy, or something it depends on is down. Try again soon.
problem-storage_full = Not enough space left
problem-storage_full-detail = Not enough space left. The gallery’s operator has to make room.
request-parameter = `{ $name }` is missing or doesn’t have the documented form.
request-parameter-malformed = A parameter of the request is malformed.
request-not-utf8 = The body isn’t UTF-8.
request-not-multipart = Send the photo as multipart/form-data.
request-bad-multipart = The body isn’t well-formed multipart/form-data.
request-body-limit = The body may have at most { $limit } bytes.
request-field-not-utf8 = A field of the form isn’t UTF-8.
request-form-texts-limit = The text fields of a form may have at most { $limit } bytes together.
request-file-name-limit = A file’s name and headers may have at most { $limit } bytes.
request-one-photo = Upload one photo at a time.
request-unknown-field = The form has an unknown field.
request-field-twice = The form has a field twice.
request-texts-first = The form’s text fields must come before its files.
request-not-photos = The form contains too much that isn’t a photo.
request-too-many-refused = Too many files can’t be added: a form may contain { $files } of that kind. “{ $next }” and everything after it was skipped; upload that separately.
request-one-host = A request must name exactly one host, optionally with a port.
request-email-or-token = Send either the e-mail address or the link’s token.
request-not-a-report = The body isn’t a report of the mail system.
request-json-malformed = The body isn’t the expected JSON: { $reason }.

## Why a photo can’t be read: in brackets behind “The photo can’t be read”

photo-too-many-pixels = { $width } × { $height } pixels are more than { $most } megapixels
photo-bmp-data-damaged = its BMP data is damaged
photo-boxes-damaged = its boxes are damaged
photo-coding-unusual = it uses an encoding that photos don’t use
photo-colours-unreadable = its colours can’t be read
photo-colours-unusual = it uses a kind of colours that photos don’t use
photo-contradicting-colours = its segments contradict each other in the colours
photo-contradicting-headers = it has contradicting headers
photo-cut-off = it is cut off
photo-cut-off-early = it is cut off before its picture begins
photo-decoder-failed = its decoder failed
photo-frame-header-damaged = its frame header is damaged
photo-gif-data-damaged = its GIF data is damaged
photo-header-but-no-picture = it has a header but no picture
photo-header-cut-off = its header is cut off
photo-header-damaged = its header is damaged
photo-hierarchical-jpeg-unsupported = hierarchical JPEG is not supported
photo-jpeg-arithmetic-coding-unsupported = JPEG with arithmetic coding is not supported
photo-jpeg-bits-unsupported = a JPEG with more than 8 bits a colour is not supported
photo-jpeg-data-damaged = its JPEG data is damaged
photo-lossless-jpeg-unsupported = lossless JPEG is not supported
photo-no-frame-header = it has no frame header
photo-no-metadata = it has no metadata, and so no picture
photo-no-picture = it has no picture
photo-no-pixels = its header says that it has no pixels
photo-palette-missing = its palette is missing
photo-picture-damaged = its picture is damaged
photo-png-data-damaged = its PNG data is damaged
photo-points-outside = it refers to data beyond its end
photo-scan-header-damaged = a scan header is damaged
photo-side-too-long = one of its sides is longer than 65,535 pixels
photo-table-missing = one of its tables is missing
photo-tables-damaged = its tables are damaged
photo-takes-too-long = it takes too long to decode
photo-takes-too-much-memory = it takes more memory than is allowed for a photo
photo-tiff-data-damaged = its TIFF data is damaged
photo-too-large = it is too large
photo-too-many-items = it has too many items
photo-too-many-scans = it has too many scans
photo-too-many-segments = it has too many segments
photo-too-much-metadata = it has too much metadata
photo-webp-data-damaged = its WebP data is damaged
tiff-colours-unknown = TIFF with colours of an unknown kind is not supported
tiff-colours-unsaid = TIFF that does not say what its colours are is not supported
tiff-complex-numbers = TIFF with complex numbers is not supported
tiff-compression-unknown = TIFF with compression of an unknown kind is not supported
tiff-depth-map = TIFF with a depth map is not supported
tiff-differences-depth = TIFF with differences of samples of this depth is not supported
tiff-differences-unknown = TIFF with an unknown kind of differences is not supported
tiff-fax-of-colours = TIFF with fax compression of more than black and white is not supported
tiff-floating-point-depth = TIFF with floating point of this depth is not supported
tiff-floating-point-differences = TIFF with floating-point differences of whole numbers is not supported
tiff-inks-other-than-cmyk = TIFF with inks other than CMYK is not supported
tiff-jbig-compression = TIFF with JBIG compression is not supported
tiff-jpeg-2000-inside = TIFF with JPEG 2000 inside is not supported
tiff-jpeg-bits = TIFF containing JPEG with other than 8 bits is not supported
tiff-jpeg-xl-inside = TIFF with JPEG XL inside is not supported
tiff-jpeg-xr-inside = TIFF with JPEG XR inside is not supported
tiff-kodak-dcs-compression = TIFF with Kodak DCS compression is not supported
tiff-lab-colours = TIFF with L*a*b* colours is not supported
tiff-lerc-compression = TIFF with LERC compression is not supported
tiff-logluv-colours = TIFF with LogLuv colours is not supported
tiff-logluv-compression = TIFF with LogLuv compression is not supported
tiff-lzma-compression = TIFF with LZMA compression is not supported
tiff-mask-alone = TIFF with nothing but a transparency mask is not supported
tiff-negative-numbers = TIFF with negative numbers is not supported
tiff-next-compression = TIFF with NeXT compression is not supported
tiff-old-style-jpeg-compression = TIFF with old-style JPEG compression is not supported
tiff-palette-jpeg-inside = TIFF with a palette and JPEG inside is not supported
tiff-palette-too-large = TIFF with a palette of more than 256 colours is not supported
tiff-pixar-compression = TIFF with Pixar compression is not supported
tiff-png-inside = TIFF with PNG inside is not supported
tiff-prepress-compression = TIFF with compression for prepress systems is not supported
tiff-raw-lossy-jpeg = TIFF with lossy JPEG of raw sensor data is not supported
tiff-samples-depth = TIFF with samples of this depth is not supported
tiff-samples-of-several-depths = TIFF with samples of different depths is not supported
tiff-subsampled-colours = TIFF with subsampled colours without JPEG inside is not supported
tiff-thunderscan-compression = TIFF with ThunderScan compression is not supported
tiff-too-many-samples = TIFF with more than 16 samples a pixel is not supported
tiff-too-many-strips = TIFF with more than 500,000 strips or tiles is not supported
tiff-uncompressed-fax-rows = TIFF with uncompressed fax rows is not supported
tiff-webp-inside = TIFF with WebP inside is not supported
tiff-word-aligned-fax-rows = TIFF with word-aligned fax rows is not supported
tiff-zstandard-compression = TIFF with Zstandard compression is not supported

## What is wrong with a field

name-person = The name
name-album = The album’s name
name-title = The title
name-description = The description
name-tag = A tag
field-required = { $what } is required.
field-too-long = { $what } may have at most { $most } characters.
field-control-characters = { $what } must not contain control characters.
tag-comma = A tag must not contain a comma.
tags-too-many = A photo may have at most { $most } tags.
idempotency-key-form = An Idempotency-Key has 1 to 100 visible ASCII characters.
cursor-form = Send the `next_cursor` of the previous page, unchanged.
limit-form = `limit` is a number from 1 to 200.
email-required = Enter an e-mail address.
email-too-long = An e-mail address may have at most 254 bytes.
email-form = This isn’t an e-mail address. Expected: name@example.org
id-form = This isn’t an ID: expected a UUID in lower case.
password-enter = Enter your password.
password-too-long = A password may have at most 1,024 bytes.
password-choose = Choose a password.
password-too-short = A password must have at least { $least } characters.
password-own-address = Choose a password other than your address or this gallery’s name.
password-common = This password is one of the first that attackers try. Choose another.
language-unknown = The language must be one of: { $known }.
cover-not-here = The cover must be a photo of this album.
taken-unreadable = Enter the date as 2024, 2024-07, 2024-07-14 or 2024-07-14 21:30, and after a time its offset from UTC, if you know it: 2024-07-14 21:30 +02:00.
taken-local-unreadable = `local` must have the form 2024-07-14T21:30:00.
taken-precision-unknown = `precision` must be year, month, day, minute or second.
taken-offset = The offset from UTC must have the form +02:00 and be at most 18 hours.
taken-year = The year must be between { $first } and { $last }.
taken-no-such-date = There is no such date and time.
album-not-yours = There is no such album in your account.
file-required = Choose a photo to upload.
file-too-large = The file is too large; the limit is { $limit }.

## Mails

mail-hello = Hello { $name },
mail-hello-nobody = Hello,
mail-button-hint = If the button doesn’t work, copy this address into your browser:
mail-sent-by = Sent by
mail-not-you = If this wasn’t you, you don’t need to do anything.
mail-confirm-subject = Confirm your address for { $site }
mail-confirm-title = Confirm your address
mail-confirm-preview = One click, and your account is ready. The link works for { $minutes } minutes.
mail-confirm-text = Thank you for signing up for { $site }. Please confirm that this address is yours.
mail-confirm-button = Confirm my address
mail-confirm-link = The link works for { $minutes } minutes. After that, its page offers you a new one.
mail-confirm-ignore = If you didn’t sign up, ignore this e-mail: without confirmation, the sign-up is forgotten within a day.
mail-known-subject = You already have an account on { $site }
mail-known-title = You already have an account
mail-known-preview = Somebody, probably you, tried to sign up again. Nothing was changed.
mail-known-text = Somebody, probably you, tried to sign up for { $site } with this address. There is already an account with it, which wasn’t changed.
mail-known-button = Log in
mail-known-forgot = If you’ve forgotten your password, choose a new one:
mail-again-subject = Please sign up for { $site } again
mail-again-title = Please sign up again
mail-again-preview = There is no confirmed account with this address yet.
mail-again-text = Somebody, probably you, asked for a link for an account on { $site } with this address. There is no confirmed account yet, and we can’t tell which sign-up is yours.
mail-again-button = Sign up
mail-again-how = Sign up again, and open the link in the e-mail that follows: it confirms that sign-up and no other.
mail-reset-subject = Choose a new password for { $site }
mail-reset-title = Choose a new password
mail-reset-preview = The link works once, for { $minutes } minutes.
mail-reset-text = Somebody, probably you, asked for a new password for your account on { $site }.
mail-reset-button = Choose a new password
mail-reset-ignore = If this wasn’t you, ignore this e-mail: your password stays as it is.
mail-changed-subject = Your password for { $site } was changed
mail-changed-title = Your password was changed
mail-changed-preview = If this wasn’t you, choose a new password at once.
mail-changed-text = The password of your account on { $site } was changed on { $at }. You’ve been logged out everywhere else.
mail-changed-was-you = If this was you, you don’t need to do anything.
mail-changed-was-not-you = If this wasn’t you, choose a new password at once:
mail-cancelled-subject = Your account on { $site } is cancelled
mail-cancelled-title = Your account is cancelled
mail-cancelled-preview = Everything in it has been deleted permanently.
mail-cancelled-text = You cancelled your account on { $site } on { $at }. Everything in it has been deleted permanently:
mail-cancelled-receipt = { $albums }, { $photos } ({ $size }), { $objects }
mail-cancelled-last = This is the last e-mail from { $site }: your address has been deleted.

## The configuration

secret-too-short = The secret needs at least 32 random bytes (`openssl rand -hex 32` prints a good one).

## The command line

cli-about = A self-hosted photo gallery. { $variant }
cli-about-sql = It keeps its records in SQLite, MySQL or MariaDB, and photos in files or in S3.
cli-about-nosql = It keeps its records in DynamoDB or in a single file, and photos in files or in S3.
cli-after-help =
    Without a command, the gallery is served. Without a configuration, it is served at http://127.0.0.1:8080 and keeps everything in ./gallery-data, which is created for you: records, photos, a generated secret, and mails as files in the folder outbox.

    Settings come from a TOML file (--config FILE, or gallery.toml in the working directory) and from environment variables, which take precedence: GALLERY__SECTION__KEY, for example

      GALLERY__DATA_DIR=/srv/gallery               where everything is kept
      GALLERY__SERVER__LISTEN=127.0.0.1:9000       where it listens
      GALLERY__SERVER__BASE_URL=https://p.example  how people reach it

    `config default` prints every setting with its description and default; `config check` reports what is wrong with yours.

    SIGTERM and Ctrl-C stop the server gracefully. The log goes to standard error. The language of help and messages is that of LC_ALL, LC_MESSAGES or LANG: English or German.
cli-usage-heading = Usage:
cli-commands-heading = Commands:
cli-arguments-heading = Arguments:
cli-options-heading = Options:
cli-arg-config = The configuration file [default: gallery.toml, if it exists]
cli-arg-help = Print help
cli-arg-version = Print the version
cli-help = Print this help, or the help of a command
cli-serve = Serve the gallery (also the default without a command)
cli-config = Print or check the configuration
cli-config-default = Print every setting with its description and default, as a TOML file
cli-config-check = Report everything that is wrong with the configuration; exit status 1 if anything is
cli-config-reference = Print the reference of all settings, as Markdown
cli-openapi = Print the OpenAPI document of the JSON API
cli-admin = Inspect and repair a gallery, whether or not a server is running
cli-admin-after-help = If only one process can open the store, as with the embedded store, a running server carries out the command, over the socket admin.sock in its data folder. Otherwise the command opens the store itself.
cli-admin-migrate = Bring the store up to date, or create it (starting the server does so, too); also: create-tables
cli-admin-verify = Check every record and every photo; exit status 0 if all is well, 1 if not, 2 if the check failed
cli-admin-verify-arg-json = Print JSON
cli-admin-sweep = Delete what has expired or was left behind by crashes, and run the jobs that are due
cli-admin-jobs = List the jobs that are waiting, running or have failed
cli-admin-jobs-arg-json = Print JSON, one object per line
cli-admin-jobs-resume = Run a job now that was parked after too many failures
cli-admin-jobs-resume-arg-id = The ID of the job
cli-admin-reprocess = Create renditions, and read what is stored inside files, again from the originals. This records jobs, which the workers of running servers do; `admin jobs` lists those that are left
cli-admin-reprocess-arg-account = The photos of one account
cli-admin-reprocess-arg-photo = One photo
cli-admin-reprocess-arg-all = The photos of all accounts
cli-admin-suppressions = Look up an address that gets no mails because a mail bounced or its owner complained (only hashes of addresses are kept)
cli-admin-suppressions-check = Report whether an address gets mails, and if not, why and until when
cli-admin-suppressions-check-arg-address = The address
cli-admin-suppressions-lift = Send mails to an address again, when its mailbox works again or its owner wants mails after all
cli-admin-suppressions-lift-arg-address = The address
cli-admin-users = List the accounts with their state and usage
cli-admin-users-arg-json = Print JSON, one object per line
cli-error = error: { $what }
cli-error-subcommand = there is no command `{ $name }`
cli-error-argument = unexpected argument `{ $name }`
cli-error-value = invalid value `{ $value }` for `{ $argument }`: { $reason }
cli-error-value-missing = `{ $argument }` requires a value
cli-error-required = required: { $arguments }
cli-error-twice = `{ $argument }` can be given only once
cli-error-conflict = `{ $argument }` cannot be combined with { $others }
cli-error-similar = Did you mean { $names }?
cli-error-similar-name = `{ $name }`
cli-error-help = Try `--help` for more information.
cli-or = { $first } or { $second }
cli-threads = cannot start threads
cli-stdout = cannot write to standard output
cli-stderr = cannot write to standard error
cli-no-server = no server of this data folder takes the command ({ $reason })
cli-no-data-folder = there is no data folder
cli-store-shared = the store needs none
cli-ready = { $site } is ready at { $url }
cli-stop = Ctrl-C stops it.
cli-place-listening = listening
cli-place-metrics = metrics
cli-place-records = records
cli-place-photos = photos
cli-place-mail = mail
cli-place-outbox = { $folder } (one file per mail)
cli-place-outbox-printed = { $folder } (one file per mail; links are also printed here)
cli-place-smtp = the SMTP server { $server }
cli-place-ses = Amazon SES
cli-place-ses-at = Amazon SES at { $endpoint }
cli-place-ses-in = Amazon SES in { $region }
cli-place-dynamodb = DynamoDB tables { $first } and { $second }
cli-place-dynamodb-at = DynamoDB tables { $first } and { $second } at { $place }
cli-place-mysql-verified = database { $database } on { $server } (over verified TLS, as { $user })
cli-place-mysql-clear = database { $database } on { $server } (without TLS, as { $user })
cli-place-mysql-local = database { $database } on { $server } (on this machine, as { $user })
start-listen = cannot listen on { $address } (`{ $setting }` sets another address)
start-listener-died = the listener died
start-folder-create = cannot create the data folder { $path } (`data_dir` sets another)
start-folder-missing = the data folder { $path } cannot be opened (`data_dir` sets another; starting the server creates it)
start-secret-write = cannot write the secret { $path }
start-secret-read = cannot read the secret { $path } (starting the server generates it)
start-secret-invalid = { $path } is not a valid secret: { $reason } Restore it, or delete it so that a new one is generated; unopened links in mails then stop working
start-s3-no-links = S3 does not create presigned URLs
start-s3-bad-links = a presigned URL of S3 is not a URL
config-good = The configuration is good: { $site } on { $listen }, reached at { $url }, data in { $folder }.
config-wrong = the configuration is wrong:
config-problem = { $name }: { $what }
config-in-file = { $what } (in { $file })
config-in-variable = { $what } (in the variable { $variable })
config-renamed = this setting is now called `{ $name }`; the old name works until the next release
config-not-utf8 = the value of the variable is not UTF-8
config-file-unreadable = the configuration file cannot be read: { $error }
config-not-toml = this is not TOML: { $error }
config-default-is = { $what }; the default is `{ $default }`
config-invalid-value = invalid value: { $error }
config-unknown = there is no such setting; `config default` prints all of them
config-unknown-similar = there is no such setting; did you mean { $names }?
config-not-a-number = `{ $text }` is not a whole number
config-not-a-bool = `{ $text }` is neither true nor false
config-at-least-one = must be at least 1
config-password-length = must be at least { $least }
config-folder-required = a folder is required
config-site-name-required = a name is required
config-name-control-characters = a name must not contain control characters
config-url = `{ $text }` is not a URL: { $error }
config-url-scheme = `{ $text }` must begin with http:// or https:// and name a host
config-url-bare = `{ $text }` must consist of scheme, host and optionally a port, and nothing else
config-network = `{ $text }` is not an address such as 192.0.2.1, nor a network such as 10.0.0.0/8
config-filter = `{ $text }` is not a filter such as `info` or `info,gallery_web=debug`: { $error }
config-tls-unused = with `tls = "off"`, nothing is verified; remove one of the two
config-secret-required = a secret is required with a database of its own, the same on every instance (`openssl rand -hex 32` prints a good one)
config-either-or-file = set either `{ $name }` or `{ $name }_file`, not both
config-secret-empty = must not be empty; set a value, or remove it
config-secret-unreadable = { $file } cannot be read: { $error }
config-mail-from-required = the address that mails come from is required
config-bucket-required = the name of the bucket for photos is required
config-unused = not used; set `{ $setting }`, or remove it
config-prefix-slash = must end with a slash, like a folder
config-prefix-plain = must neither begin with a slash nor contain control characters
config-key-required = the key is required with `encryption = "kms"`
config-link-seconds = must be from 1 to { $most }
config-delivery-unused = works for photos in S3 only; remove it
config-smtp-host-required = the name of the mail server is required
config-user-and-password = set both a user and a password, or neither
config-smtp-in-the-clear = the password would cross the network unencrypted; use `tls` or `starttls`
config-smtp-tls-unused = with `security = "none"`, nothing is verified; remove one of the two
config-no-such-file = there is no such file
config-topic = must be the ARN of an SNS topic, such as `arn:aws:sns:...`
config-tags = each must have the form `name=value`, with letters, digits, `_` and `-`
config-endpoint = must be a URL such as `http://127.0.0.1:9000`
config-database-nosql = must be `dynamodb:`, with the tables described in `[dynamodb]`, or have the form `redb:/path/to/gallery.redb`
config-database-sql = must have the form `sqlite:/path/to/gallery.db` or `mysql://user@host:3306/gallery`
config-database-password-unused = only a `mysql:` URL takes a password; remove it
config-mysql-form = must have the form `mysql://user:password@host:3306/database`, with special characters as `%XX`
config-mysql-parameters = the only parameter allowed is `?socket=/path`; everything else is a setting of its own
config-mysql-two-passwords = set the password either in the URL or on its own, not both
config-mysql-certificates-unused = certificates are set, but TLS is off; remove one of the two
config-mysql-unusable = the settings of the database cannot be used: { $error }
admin-migrated = The store is up to date.
admin-verify-failed = the gallery could not be checked
admin-verified = Checked { $accounts }, { $albums }, { $photos } and { $blobs } ({ $bytes } read).
admin-verified-clean = All invariants hold.
admin-verified-upgrading = Records of a release before are still being upgraded (see admin jobs): until then, I5 and I8 can be reported of them.
admin-verified-violations = { $count ->
    [one] { $count } violation
   *[other] { $count } violations
}
admin-accounts = { $count ->
    [one] { $count } account
   *[other] { $count } accounts
}
admin-albums = { $count ->
    [one] { $count } album
   *[other] { $count } albums
}
admin-photos = { $count ->
    [one] { $count } photo
   *[other] { $count } photos
}
admin-blobs = { $count ->
    [one] { $count } blob
   *[other] { $count } blobs
}
admin-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
admin-sweep-failed = the sweep failed
admin-no-job-run = no job could be run
admin-swept = Deleted: unfinished uploads { $uploads }, expired records { $records }, blobs { $blobs }. Jobs run: { $ran }, failed: { $failed }.
admin-job = { $state }, { $failures }
admin-job-error = { $state }, { $failures }, last: { $error }
admin-job-parked = parked
admin-job-leased = leased until { $until }
admin-job-due = due { $at }
admin-job-failures = { $count ->
    [one] { $count } failure
   *[other] { $count } failures
}
admin-job-resumed = Job { $id } is due now.
admin-job-unknown = there is no job { $id }; perhaps it is done
admin-scope-required = one of an account, a photo or all is required
admin-scope-unknown = there is no such photo or account
admin-field = { $field }: { $detail }
admin-not-all-recorded = not all jobs could be recorded
admin-recorded = Jobs recorded: { $count }. The workers of running servers do them; `admin jobs` lists those that are left.
admin-suppressed = { $address } gets no mails until { $until }: { $reason }.
admin-not-suppressed = { $address } gets mails.
admin-lifted = { $address } gets mails again. It was suppressed because { $reason }.
admin-nothing-to-lift = { $address } was not suppressed and gets mails.
admin-bounced = a mail bounced on { $at }
admin-complained = its owner complained on { $at }
admin-user-confirmed = confirmed
admin-user-deleting = deleting
admin-user-usage = { $albums }, { $photos }, { $bytes } of { $quota } bytes
admin-server-ended = the server ended before the command was done
admin-server-refuses = the running server refuses: { $reason }
admin-absent = { $socket }: { $reason }
admin-absent-other-store = the server there has another store, { $store }
admin-absent-no-server = the process there is not a server of this program
admin-absent-hung-up = the process there hung up
admin-absent-silent = the process there does not answer
admin-absent-nobody = no server is listening there
admin-peer-unknown = the system does not say who is at the other end
admin-peer-stranger = the process at the other end belongs to user { $user }
admin-refused-version = it has version { $server }, and this program has version { $client }. Restart the server with this version, or use that version here
admin-refused-unknown = it does not know the command: { $error }
admin-waiting = waiting for another `admin { $command }` to end
admin-panicked = the command panicked; the log of the server says where
admin-output-stalled = nobody takes the output
