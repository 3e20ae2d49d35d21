### Alle Texte auf Deutsch, mit denselben Schlüsseln wie in den anderen Dateien dieses Ordners. Ein geschütztes
### Leerzeichen (U+00A0) hält eine Zahl und ihre Einheit in einer Zeile.

## Zahlen und Zeiten

count-albums = { $count ->
    [0] keine Alben
    [one] { $count } Album
   *[other] { $count } Alben
}
count-photos = { $count ->
    [0] keine Fotos
    [one] { $count } Foto
   *[other] { $count } Fotos
}
count-files = { $count ->
    [0] keine Dateien
    [one] { $count } Datei
   *[other] { $count } Dateien
}
count-objects = { $count ->
    [0] keine gespeicherten Objekte
    [one] { $count } gespeichertes Objekt
   *[other] { $count } gespeicherte Objekte
}
count-values = { $count ->
    [0] keine Werte
    [one] { $count } Wert
   *[other] { $count } Werte
}
count-bytes = { $count } Byte
format-date = { $day }. { $month } { $year }
format-clock = { $date }, { $clock }
format-clock-offset = { $date }, { $clock } ({ $zone })
format-minute = { $date }, { $clock } UTC
format-day = { $weekday }, { $day }. { $month }
format-month = { $month } { $year }
month-january = Januar
month-february = Februar
month-march = März
month-april = April
month-may = Mai
month-june = Juni
month-july = Juli
month-august = August
month-september = September
month-october = Oktober
month-november = November
month-december = Dezember
weekday-monday = Montag
weekday-tuesday = Dienstag
weekday-wednesday = Mittwoch
weekday-thursday = Donnerstag
weekday-friday = Freitag
weekday-saturday = Samstag
weekday-sunday = Sonntag

## Der Rahmen um jede Seite

frame-skip = Zum Inhalt
frame-gallery = Galerie
frame-albums = Alben
frame-photos = Fotos
frame-search-label = Fotos und Alben suchen
frame-search-placeholder = Suchen
frame-search-button = Suchen
frame-account = Konto
frame-account-of = Konto von
frame-log-in = Anmelden
frame-log-out = Abmelden
frame-sign-up = Registrieren
frame-developers = API
pager-label = Seiten
pager-first = Zurück zu den neuesten
pager-older = Ältere

## Schaltflächen und Felder mehrerer Seiten

button-save = Speichern
button-cancel = Abbrechen
button-keep = Behalten
field-email = E-Mail-Adresse
field-name = Dein Name
field-password = Passwort
field-your-password = Dein Passwort
field-current-password = Aktuelles Passwort
field-new-password = Neues Passwort
field-password-hint = Mindestens { $characters } Zeichen. Gut sind ein paar Wörter, die nur du so zusammenstellen würdest.
field-album-name = Name
field-title = Titel
field-description = Beschreibung
field-optional = Optional
field-tags = Schlagwörter
field-tags-hint = Durch Kommas getrennt
field-album = Album
field-taken = Aufnahmedatum
field-taken-hint = So genau, wie du es weißt: 2024, 2024-07, 2024-07-14 oder 2024-07-14 21:30, nach der Uhrzeit auch der Abstand zur UTC (2024-07-14 21:30 +02:00). Lass das Feld leer, damit das Datum in der Datei gilt.
field-language = Sprache
field-language-automatic = Wie in deinem Browser

## Registrieren und anmelden

login-title = Anmelden
login-to-continue = Melde dich an, um fortzufahren.
login-button = Anmelden
login-forgot = Passwort vergessen?
login-link-expired = Registriert, aber der Link funktioniert nicht?
login-new-link = Neuen Link anfordern
login-no-account = Noch kein Konto?
login-sign-up = Registrieren
signup-title = Registrieren
signup-email-hint = Wir schicken dir dorthin einen Link, mit dem du deine Adresse bestätigst.
signup-button = Registrieren
signup-has-account = Schon ein Konto?
signup-log-in = Anmelden
mailbox-title = Schau in dein Postfach
mailbox-signed-up = Wir haben eine E-Mail an die angegebene Adresse geschickt. Öffne den Link darin, um deine Adresse zu bestätigen, und melde dich dann an.
mailbox-resent = Falls es zu dieser Adresse eine unbestätigte Registrierung gibt, ist ein neuer Link unterwegs.
mailbox-reset = Falls es ein Konto mit dieser Adresse gibt, ist ein Link für ein neues Passwort unterwegs.
mailbox-hint = Der Link funktioniert 10 Minuten lang. Wenn nichts ankommt, sieh im Spam-Ordner nach.
mailbox-again = Noch einmal senden
back-to-log-in = Zurück zur Anmeldung
resend-title = Bestätige deine Adresse
resend-lead = Gib die Adresse ein, mit der du dich registriert hast. Wir schicken dir einen neuen Link.
forgot-title = Passwort vergessen?
forgot-lead = Gib deine Adresse ein. Wir schicken dir einen Link, mit dem du ein neues Passwort wählst.
address-button = Link senden
link-new = Neuen Link anfordern
reset-title = Wähle ein neues Passwort
reset-lead = Du wirst überall abgemeldet und kannst dich mit dem neuen Passwort anmelden.
reset-button = Passwort speichern

## Meldungen, nachdem etwas getan wurde

flash-confirmed = Deine E-Mail-Adresse ist bestätigt. Du kannst dich jetzt anmelden.
flash-logged-out = Du bist abgemeldet.
flash-password-reset = Dein neues Passwort ist gespeichert. Melde dich damit an.
flash-password-changed = Dein Passwort ist geändert. Deine anderen Sitzungen sind beendet.
flash-account-saved = Änderungen gespeichert
flash-session-ended = Sitzung beendet
flash-album-saved = Album gespeichert
flash-album-deleted = Album und Fotos gelöscht
flash-photos-uploaded = Fotos hochgeladen
flash-photo-saved = Foto gespeichert
flash-photo-deleted = Foto gelöscht

## Das Konto

account-title = Konto
account-storage = Speicher
account-contents = { $albums }, { $photos }
account-used = { $used } von { $quota } belegt
account-full = Dein Speicher ist voll. Lösche Fotos, um Platz zu schaffen.
account-you = Du
account-since = { $email }, dabei seit
account-password = Passwort
account-password-button = Passwort ändern
account-password-hint = Deine anderen Sitzungen enden dann, und du bekommst eine E-Mail darüber.
account-sessions = Sitzungen
account-session-this = Diese Sitzung
account-session-began = Angemeldet
account-session-seen = Zuletzt aktiv
account-session-end = Beenden
account-session-end-which = der Sitzung von { $client }, angemeldet am { $began }
account-client = { $browser } auf { $system }
account-client-unnamed = Programm ohne Namen
account-cancel = Konto auflösen
account-cancel-lead = Alle deine Alben und Fotos werden endgültig gelöscht.
account-cancel-link = Konto auflösen …
cancel-title = Löse dein Konto auf
cancel-lead = Alles in deinem Konto wird endgültig gelöscht: { $albums }, { $photos } ({ $size }) und alles andere, was wir über dich wissen. Das lässt sich nicht rückgängig machen. Wenn es erledigt ist, bekommst du eine letzte E-Mail.
cancel-button = Mein Konto auflösen
cancel-keep = Mein Konto behalten
cancelled-title = Dein Konto ist aufgelöst
cancelled-lead = Niemand sieht deine Alben und Fotos mehr. Sie werden jetzt gelöscht; eine letzte E-Mail sagt dir, wann das geschehen ist und was gelöscht wurde.

## Alben

albums-title = Alben
albums-create = Album anlegen
albums-empty = Noch keine Alben. Fotos liegen in Alben: Lege dein erstes an.
album-new-title = Album anlegen
album-new-button = Album anlegen
album-created = angelegt am
album-edit = Bearbeiten
album-delete = Löschen
album-edit-title = Album bearbeiten
album-edit-page = { $name } bearbeiten
album-cover = Titelbild
album-empty = Noch keine Fotos in diesem Album.
album-no-more = Keine weiteren Fotos.
album-delete-title = Das Album „{ $name }“ löschen?
album-delete-detail = { $count ->
    [0] Das Album ist leer.
    [one] Das Foto darin wird endgültig gelöscht. Das lässt sich nicht rückgängig machen.
   *[other] Die { $count } Fotos darin werden endgültig gelöscht. Das lässt sich nicht rückgängig machen.
}
album-delete-button = Album löschen
upload-label = Fotos hinzufügen
upload-hint = JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF oder BMP, je bis zu { $limit }. Du kannst mehrere auf einmal wählen.
upload-drop-hint = Oder ziehe sie irgendwo auf diese Seite, oder füge sie aus der Zwischenablage ein.
upload-button = Hochladen
upload-cut-short = Das Hochladen wurde unterbrochen. { $reason }
upload-taken = { $count ->
    [0] Keines der Fotos wurde hinzugefügt.
    [one] { $count } Foto wurde hinzugefügt.
   *[other] { $count } Fotos wurden hinzugefügt.
}
upload-refused = { $count ->
    [one] Diese Datei wurde nicht hinzugefügt:
   *[other] Diese { $count } Dateien wurden nicht hinzugefügt:
}
upload-in-album = Zum Album hinzugefügt:

## Fotos

photos-title = Fotos
photos-empty = Noch keine Fotos. Öffne ein Album oder lege eines an, und füge Fotos hinzu.
photos-no-more = Keine weiteren Fotos.
photos-to-albums = Zu den Alben
photo-damaged-mark = Beschädigt
photo-edit = Bearbeiten
photo-download = Herunterladen
photo-download-what = (Original)
photo-delete = Löschen
photo-delete-title = Das Foto „{ $name }“ löschen?
photo-delete-detail = Das Foto und sein Original werden endgültig gelöscht. Das lässt sich nicht rückgängig machen.
photo-delete-button = Foto löschen
photo-edit-title = Foto bearbeiten
photo-edit-page = { $name } bearbeiten
photo-neighbours = Fotos dieses Albums
photo-previous = Vorheriges
photo-next = Nächstes
photo-damaged = Die Datei dieses Fotos ist beschädigt. Gezeigt wird, was sich lesen lässt; das Original bleibt, wie du es hochgeladen hast.
photo-tags = Schlagwörter
photo-taken = Aufgenommen
photo-undated = Ohne Datum
photo-maker = Hersteller
photo-model = Modell
photo-camera = Kamera
photo-lens = Objektiv
photo-exposure = Belichtung
photo-exposure-value = { $seconds } s
photo-aperture = Blende
photo-iso = ISO
photo-focal-length = Brennweite
photo-aperture-value = f/{ $number }
photo-focal-length-value = { $length } mm
photo-focal-length-35mm = { $length } mm (entspricht { $equivalent } mm Kleinbild)
photo-location = Ort
photo-location-value = { $latitude }° { $north }, { $longitude }° { $east }
photo-altitude = Höhe
photo-altitude-value = { $metres } m
photo-size = Größe
photo-size-value = { $width } × { $height }, { $size }
photo-file = Datei
photo-uploaded = Hochgeladen
photo-exif = EXIF, { $values }
photo-exif-caption = Was die Kamera in die Datei geschrieben hat
compass-north = N
compass-south = S
compass-east = O
compass-west = W

## Suche

search-title = Suche
search-page = { $query } – Suche
search-heading = Suche: { $query }
search-words = Wörter
search-placeholder = Titel, Schlagwörter, Kameras …
search-button = Suchen
search-hint = Durchsucht Schlagwörter, Titel, Dateinamen, Kamera, Objektiv, Datum und Beschreibung deiner Fotos sowie Namen und Beschreibung deiner Alben. Der Anfang eines Wortes genügt.
search-albums = Alben
search-photos = Fotos
search-more-albums = Es gibt noch mehr Alben. Ein weiteres Wort grenzt die Suche ein.
search-nothing-yet = Noch nichts gefunden zu „{ $query }“. Es ist noch nicht alles durchsucht.
search-nothing = Nichts gefunden zu „{ $query }“. Alle Wörter müssen vorkommen; der Anfang eines Wortes genügt.
search-back = Zurück bis { $month } durchsucht
search-continue = Weitersuchen
search-hints = Nicht alles wurde verstanden
search-hint-quote = Ein Anführungszeichen wurde nicht geschlossen.
search-hint-empty = Hinter „{ $operator }:“ steht nichts; es wurde weggelassen.
search-hint-type = „{ $value }“ ist kein Dateityp, den die Galerie kennt; es wurde weggelassen. Bekannt sind jpg, png, gif, webp, avif, heic, tif und bmp.
search-hint-date = „{ $operator }:{ $value }“ wurde weggelassen. Ein Datum sieht so aus: 2024, 2024-07 oder 2024-07-14.
search-hint-words = Nur nach den ersten { $most } Wörtern wurde gesucht.
search-help = So wird gesucht
search-example-word = sonn haf
search-example-quotes = "Hafen"
search-example-minus = -Nacht
search-example-tag = tag:"grauer Reiher"
search-example-camera = camera:canon
search-example-lens = lens:35mm
search-example-label = label:Hund
search-example-album = album:Sommer
search-example-type = type:png
search-example-after = after:2024-07
search-example-before = before:2024-07-14
search-help-word = Wörter, die so anfangen, mit oder ohne Akzente. Alle müssen vorkommen.
search-help-quotes = Das ganze Wort oder Schlagwort
search-help-minus = Ohne dieses Wort, dieses Schlagwort oder was sonst auf das Minuszeichen folgt
search-help-tag = Fotos mit diesem Schlagwort
search-help-camera = Fotos von dieser Kamera
search-help-lens = Fotos mit diesem Objektiv
search-help-label = Fotos, auf denen das erkannt wurde
search-help-album = Fotos in Alben mit diesem Namen
search-help-type = Fotos dieses Dateityps
search-help-after = Aufgenommen an diesem Tag, in diesem Monat oder Jahr oder später
search-help-before = Aufgenommen vor diesem Tag, Monat oder Jahr

## Was das Skript auf den Seiten sagt

script-waiting = Wartet
script-percent = { $percent } %
script-processing = Wird verarbeitet
script-done = Hinzugefügt
script-too-large = { $size } sind zu groß; die Grenze ist { $limit }.
script-logged-out = Du bist abgemeldet. Melde dich wieder an und versuche es erneut.
script-unreachable = Die Galerie ist nicht erreichbar. Versuche es noch einmal.
script-retry = Noch einmal versuchen
script-progress = { $done } von { $all } hinzugefügt.
script-progress-failed = { $done } von { $all } hinzugefügt, { $failed } fehlgeschlagen.
script-show-new = Neue Fotos anzeigen
script-photo = Foto
script-details = Details
script-close = Schließen
script-previous = Vorheriges Foto
script-next = Nächstes Foto

## Warum eine Anfrage scheitert: Titel und Satz jedes Codes

error-status = Status { $status }
error-home = Zu den Alben
problem-malformed = Fehlerhafte Anfrage
problem-malformed-detail = Die Anfrage ist nicht zu verstehen.
problem-invalid_cursor = Ungültiger Cursor
problem-invalid_cursor-detail = Sende den `next_cursor` der vorigen Seite unverändert.
problem-invalid_cursor-link = Dieser Link in eine Liste ist ungültig. Beginne am Anfang der Liste.
problem-interrupted = Unterbrochen
problem-interrupted-detail = Die Verbindung endete, bevor alles angekommen war.
problem-no_session = Nicht angemeldet
problem-no_session-detail = Es gibt keine Sitzung, oder sie ist beendet. Melde dich an und versuche es noch einmal.
problem-bad_credentials = E-Mail oder Passwort falsch
problem-bad_credentials-detail = E-Mail-Adresse oder Passwort falsch. Falls du dich gerade erst registriert hast, öffne zuerst den Link in der E-Mail, die wir dir geschickt haben.
problem-wrong_password = Falsches Passwort
problem-wrong_password-detail = Das ist nicht das Passwort dieses Kontos.
problem-cross_site = Anfrage von einer fremden Website
problem-cross_site-detail = Änderungen werden nur von dieser Website angenommen.
problem-forged_report = Bericht nicht echt
problem-forged_report-detail = Nichts beweist, dass das Mailsystem dieser Galerie diesen Bericht geschrieben hat.
problem-not_found = Nicht gefunden
problem-not_found-detail = Hier ist nichts, oder es gehört nicht dir.
problem-method_not_allowed = Methode nicht erlaubt
problem-method_not_allowed-detail = Dieser Pfad kennt diese Methode nicht; `Allow` nennt die, die er kennt.
problem-contended = Gleichzeitig geändert
problem-contended-detail = Das wurde gleichzeitig an anderer Stelle geändert. Lade neu und versuche es noch einmal.
problem-idempotency_unresolved = Erste Anfrage ohne Ergebnis
problem-idempotency_unresolved-detail = Die erste Anfrage mit diesem Idempotency-Key läuft noch, oder ihr Ergebnis wurde gelöscht.
problem-too_large = Zu groß
problem-too_large-detail = Der Inhalt hat mehr Bytes als erlaubt.
problem-quota_exceeded = Dein Speicher ist voll
problem-quota_exceeded-detail = Der Speicher reicht nicht mehr. Lösche Fotos oder Alben, um Platz zu schaffen.
problem-unsupported_photo = Kein unterstütztes Foto
problem-unsupported_photo-detail = Die Datei ist kein Bild in JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF oder BMP.
problem-unsupported_media_type = Inhaltstyp nicht unterstützt
problem-unsupported_media_type-detail = Diese Operation nimmt keinen Inhalt dieses Typs an.
problem-range_not_satisfiable = Bereich nicht erfüllbar
problem-range_not_satisfiable-detail = Der Bereich beginnt hinter dem Ende der Datei; `Content-Range` nennt ihre Länge.
problem-invalid = Ungültige Eingabe
problem-invalid-detail = Einige Felder sind ungültig; `errors` nennt sie.
problem-token_expired = Der Link ist abgelaufen
problem-token_expired-detail = Links in E-Mails funktionieren 10 Minuten lang. Fordere einen neuen an.
problem-token_invalid = Der Link ist ungültig
problem-token_invalid-detail = Der Link wurde verändert, schon benutzt oder ist für etwas anderes gedacht.
problem-undecodable_photo = Das Foto ist nicht lesbar
problem-undecodable_photo-detail = Das Foto ist beschädigt.
problem-undecodable_photo-reason = Die Datei ist nicht lesbar ({ $reason }).
problem-idempotency_mismatch = Schlüssel schon benutzt
problem-idempotency_mismatch-detail = Dieser Idempotency-Key wurde für eine Anfrage mit anderem Inhalt benutzt.
problem-too_many_attempts = Zu viele Versuche
problem-too_many_attempts-detail = Zu viele Versuche. Warte, bevor du es wieder versuchst; `Retry-After` sagt, wie lange.
problem-too_many_attempts-form = Zu viele Versuche. Warte ein paar Minuten und versuche es dann noch einmal.
problem-internal = Etwas ist schiefgegangen
problem-internal-detail = Bei uns ist etwas schiefgegangen. Der Fehler wurde protokolliert.
problem-unavailable = Vorübergehend nicht verfügbar
problem-unavailable-detail = Die Galerie ist überlastet, oder etwas, das sie braucht, ist ausgefallen. Versuche es bald noch einmal.
problem-storage_full = Nicht genug Speicherplatz
problem-storage_full-detail = Nicht genug Speicherplatz. Wer die Galerie betreibt, muss Platz schaffen.
request-parameter = `{ $name }` fehlt oder hat nicht die dokumentierte Form.
request-parameter-malformed = Ein Parameter der Anfrage ist fehlerhaft.
request-not-utf8 = Der Inhalt ist kein UTF-8.
request-not-multipart = Sende das Foto als multipart/form-data.
request-bad-multipart = Der Inhalt ist kein wohlgeformtes multipart/form-data.
request-body-limit = Der Inhalt darf höchstens { $limit } Byte haben.
request-field-not-utf8 = Ein Feld des Formulars ist kein UTF-8.
request-form-texts-limit = Die Textfelder eines Formulars dürfen zusammen höchstens { $limit } Byte haben.
request-file-name-limit = Name und Header einer Datei dürfen höchstens { $limit } Byte haben.
request-one-photo = Lade immer nur ein Foto auf einmal hoch.
request-unknown-field = Das Formular hat ein unbekanntes Feld.
request-field-twice = Das Formular hat ein Feld zweimal.
request-texts-first = Die Textfelder des Formulars müssen vor seinen Dateien stehen.
request-not-photos = Das Formular enthält zu viel, was kein Foto ist.
request-too-many-refused = Zu viele Dateien lassen sich nicht hinzufügen: Ein Formular darf { $files } dieser Art enthalten. „{ $next }“ und alles danach wurde übersprungen; lade das getrennt hoch.
request-one-host = Eine Anfrage muss genau einen Host nennen, vielleicht mit einem Port.
request-email-or-token = Sende entweder die E-Mail-Adresse oder das Token des Links.
request-not-a-report = Der Inhalt ist kein Bericht des Mailsystems.
request-json-malformed = Der Inhalt ist nicht das erwartete JSON: { $reason }.

## Warum ein Foto nicht lesbar ist: in Klammern hinter „Die Datei ist nicht lesbar“

photo-too-many-pixels = { $width } × { $height } Pixel sind mehr als { $most } Megapixel
photo-bmp-data-damaged = ihre BMP-Daten sind beschädigt
photo-boxes-damaged = ihre Boxen sind beschädigt
photo-coding-unusual = ihr Bild ist auf eine Weise kodiert, die bei Fotos nicht vorkommt
photo-colours-unreadable = ihre Farben sind nicht lesbar
photo-colours-unusual = sie hat eine Art von Farben, die bei Fotos nicht vorkommt
photo-contradicting-colours = ihre Segmente widersprechen sich bei den Farben
photo-contradicting-headers = ihre Header widersprechen sich
photo-cut-off = sie ist abgeschnitten
photo-cut-off-early = sie ist abgeschnitten, bevor ihr Bild beginnt
photo-decoder-failed = ihr Decoder ist fehlgeschlagen
photo-frame-header-damaged = der Header ihres Bildes ist beschädigt
photo-gif-data-damaged = ihre GIF-Daten sind beschädigt
photo-header-but-no-picture = sie hat einen Header, aber kein Bild
photo-header-cut-off = ihr Header ist abgeschnitten
photo-header-damaged = ihr Header ist beschädigt
photo-hierarchical-jpeg-unsupported = hierarchisches JPEG wird nicht unterstützt
photo-jpeg-arithmetic-coding-unsupported = JPEG mit arithmetischer Kodierung wird nicht unterstützt
photo-jpeg-bits-unsupported = ein JPEG mit mehr als 8 Bit je Farbe wird nicht unterstützt
photo-jpeg-data-damaged = ihre JPEG-Daten sind beschädigt
photo-lossless-jpeg-unsupported = verlustfreies JPEG wird nicht unterstützt
photo-no-frame-header = ihr fehlt der Header des Bildes
photo-no-metadata = sie hat keine Metadaten und also kein Bild
photo-no-picture = sie enthält kein Bild
photo-no-pixels = laut ihrem Header hat sie keine Pixel
photo-palette-missing = ihre Palette fehlt
photo-picture-damaged = ihr Bild ist beschädigt
photo-png-data-damaged = ihre PNG-Daten sind beschädigt
photo-points-outside = sie verweist auf Daten hinter ihrem Ende
photo-scan-header-damaged = ein Scan-Header ist beschädigt
photo-side-too-long = eine ihrer Seiten ist länger als 65.535 Pixel
photo-table-missing = eine ihrer Tabellen fehlt
photo-tables-damaged = ihre Tabellen sind beschädigt
photo-takes-too-long = sie zu lesen dauert zu lange
photo-takes-too-much-memory = sie braucht mehr Speicher, als für ein Foto erlaubt ist
photo-tiff-data-damaged = ihre TIFF-Daten sind beschädigt
photo-too-large = sie ist zu groß
photo-too-many-items = sie hat zu viele Einträge
photo-too-many-scans = sie hat zu viele Scans
photo-too-many-segments = sie hat zu viele Segmente
photo-too-much-metadata = sie hat zu viele Metadaten
photo-webp-data-damaged = ihre WebP-Daten sind beschädigt
tiff-colours-unknown = TIFF mit Farben unbekannter Art wird nicht unterstützt
tiff-colours-unsaid = TIFF ohne Angabe seiner Farben wird nicht unterstützt
tiff-complex-numbers = TIFF mit komplexen Zahlen wird nicht unterstützt
tiff-compression-unknown = TIFF mit Kompression unbekannter Art wird nicht unterstützt
tiff-depth-map = TIFF mit einer Tiefenkarte wird nicht unterstützt
tiff-differences-depth = TIFF mit Differenzen von Werten dieser Tiefe wird nicht unterstützt
tiff-differences-unknown = TIFF mit einer unbekannten Art von Differenzen wird nicht unterstützt
tiff-fax-of-colours = TIFF mit Fax-Kompression von mehr als Schwarz und Weiß wird nicht unterstützt
tiff-floating-point-depth = TIFF mit Gleitkommazahlen dieser Tiefe wird nicht unterstützt
tiff-floating-point-differences = TIFF mit Gleitkomma-Differenzen ganzer Zahlen wird nicht unterstützt
tiff-inks-other-than-cmyk = TIFF mit anderen Druckfarben als CMYK wird nicht unterstützt
tiff-jbig-compression = TIFF mit JBIG-Kompression wird nicht unterstützt
tiff-jpeg-2000-inside = TIFF mit JPEG 2000 darin wird nicht unterstützt
tiff-jpeg-bits = TIFF mit JPEG-Daten, die nicht 8 Bit haben, wird nicht unterstützt
tiff-jpeg-xl-inside = TIFF mit JPEG XL darin wird nicht unterstützt
tiff-jpeg-xr-inside = TIFF mit JPEG XR darin wird nicht unterstützt
tiff-kodak-dcs-compression = TIFF mit Kodak-DCS-Kompression wird nicht unterstützt
tiff-lab-colours = TIFF mit L*a*b*-Farben wird nicht unterstützt
tiff-lerc-compression = TIFF mit LERC-Kompression wird nicht unterstützt
tiff-logluv-colours = TIFF mit LogLuv-Farben wird nicht unterstützt
tiff-logluv-compression = TIFF mit LogLuv-Kompression wird nicht unterstützt
tiff-lzma-compression = TIFF mit LZMA-Kompression wird nicht unterstützt
tiff-mask-alone = TIFF mit nichts als einer Transparenzmaske wird nicht unterstützt
tiff-negative-numbers = TIFF mit negativen Zahlen wird nicht unterstützt
tiff-next-compression = TIFF mit NeXT-Kompression wird nicht unterstützt
tiff-old-style-jpeg-compression = TIFF mit JPEG-Kompression alter Art wird nicht unterstützt
tiff-palette-jpeg-inside = TIFF mit Palette und JPEG darin wird nicht unterstützt
tiff-palette-too-large = TIFF mit einer Palette von mehr als 256 Farben wird nicht unterstützt
tiff-pixar-compression = TIFF mit Pixar-Kompression wird nicht unterstützt
tiff-png-inside = TIFF mit PNG darin wird nicht unterstützt
tiff-prepress-compression = TIFF mit Kompression für die Druckvorstufe wird nicht unterstützt
tiff-raw-lossy-jpeg = TIFF mit verlustbehaftetem JPEG von Rohdaten des Sensors wird nicht unterstützt
tiff-samples-depth = TIFF mit Werten dieser Tiefe wird nicht unterstützt
tiff-samples-of-several-depths = TIFF mit Werten verschiedener Tiefe wird nicht unterstützt
tiff-subsampled-colours = TIFF mit verkleinerten Farben ohne JPEG darin wird nicht unterstützt
tiff-thunderscan-compression = TIFF mit ThunderScan-Kompression wird nicht unterstützt
tiff-too-many-samples = TIFF mit mehr als 16 Werten je Pixel wird nicht unterstützt
tiff-too-many-strips = TIFF mit mehr als 500.000 Streifen oder Kacheln wird nicht unterstützt
tiff-uncompressed-fax-rows = TIFF mit unkomprimierten Fax-Zeilen wird nicht unterstützt
tiff-webp-inside = TIFF mit WebP darin wird nicht unterstützt
tiff-word-aligned-fax-rows = TIFF mit wortweise ausgerichteten Fax-Zeilen wird nicht unterstützt
tiff-zstandard-compression = TIFF mit Zstandard-Kompression wird nicht unterstützt

## Was an einem Feld falsch ist

name-person = Der Name
name-album = Der Name des Albums
name-title = Der Titel
name-description = Die Beschreibung
name-tag = Ein Schlagwort
field-required = { $what } fehlt.
field-too-long = { $what } darf höchstens { $most } Zeichen haben.
field-control-characters = { $what } darf keine Steuerzeichen enthalten.
tag-comma = Ein Schlagwort darf kein Komma enthalten.
tags-too-many = Ein Foto darf höchstens { $most } Schlagwörter haben.
idempotency-key-form = Ein Idempotency-Key hat 1 bis 100 sichtbare ASCII-Zeichen.
cursor-form = Sende den `next_cursor` der vorigen Seite unverändert.
limit-form = `limit` ist eine Zahl von 1 bis 200.
email-required = Gib eine E-Mail-Adresse ein.
email-too-long = Eine E-Mail-Adresse darf höchstens 254 Byte haben.
email-form = Das ist keine E-Mail-Adresse. Erwartet: name@example.org
id-form = Das ist keine ID: Erwartet wird eine UUID in Kleinbuchstaben.
password-enter = Gib dein Passwort ein.
password-too-long = Ein Passwort darf höchstens 1.024 Byte haben.
password-choose = Wähle ein Passwort.
password-too-short = Ein Passwort muss mindestens { $least } Zeichen haben.
password-own-address = Wähle ein anderes Passwort als deine Adresse oder den Namen dieser Galerie.
password-common = Dieses Passwort gehört zu denen, die Angreifer zuerst versuchen. Wähle ein anderes.
language-unknown = Die Sprache muss eine von diesen sein: { $known }.
cover-not-here = Das Titelbild muss ein Foto dieses Albums sein.
taken-unreadable = Gib das Datum als 2024, 2024-07, 2024-07-14 oder 2024-07-14 21:30 ein, nach der Uhrzeit auch den Abstand zur UTC, falls du ihn kennst: 2024-07-14 21:30 +02:00.
taken-local-unreadable = `local` muss die Form 2024-07-14T21:30:00 haben.
taken-precision-unknown = `precision` muss year, month, day, minute oder second sein.
taken-offset = Der Abstand zur UTC muss die Form +02:00 haben und darf höchstens 18 Stunden betragen.
taken-year = Das Jahr muss zwischen { $first } und { $last } liegen.
taken-no-such-date = Dieses Datum oder diese Uhrzeit gibt es nicht.
album-not-yours = Dieses Album gibt es in deinem Konto nicht.
file-required = Wähle ein Foto zum Hochladen.
file-too-large = Die Datei ist zu groß; die Grenze ist { $limit }.

## Mails

mail-hello = Hallo { $name }!
mail-hello-nobody = Hallo!
mail-button-hint = Falls die Schaltfläche nicht funktioniert, kopiere diese Adresse in deinen Browser:
mail-sent-by = Gesendet von
mail-not-you = Falls du das nicht warst, musst du nichts tun.
mail-confirm-subject = Bestätige deine Adresse für { $site }
mail-confirm-title = Bestätige deine Adresse
mail-confirm-preview = Ein Klick, und dein Konto ist bereit. Der Link funktioniert { $minutes } Minuten lang.
mail-confirm-text = Danke, dass du dich bei { $site } registriert hast. Bitte bestätige, dass diese Adresse dir gehört.
mail-confirm-button = Meine Adresse bestätigen
mail-confirm-link = Der Link funktioniert { $minutes } Minuten lang. Danach bietet dir seine Seite einen neuen an.
mail-confirm-ignore = Falls du dich nicht registriert hast, ignoriere diese E-Mail: Ohne Bestätigung wird die Registrierung innerhalb eines Tages vergessen.
mail-known-subject = Du hast schon ein Konto bei { $site }
mail-known-title = Du hast schon ein Konto
mail-known-preview = Jemand, wahrscheinlich du, wollte sich noch einmal registrieren. Nichts wurde geändert.
mail-known-text = Jemand, wahrscheinlich du, wollte sich mit dieser Adresse bei { $site } registrieren. Zu ihr gibt es schon ein Konto; es wurde nicht geändert.
mail-known-button = Anmelden
mail-known-forgot = Falls du dein Passwort vergessen hast, wähle ein neues:
mail-again-subject = Bitte registriere dich noch einmal bei { $site }
mail-again-title = Bitte registriere dich noch einmal
mail-again-preview = Zu dieser Adresse gibt es noch kein bestätigtes Konto.
mail-again-text = Jemand, wahrscheinlich du, hat mit dieser Adresse einen Link für ein Konto bei { $site } angefordert. Es gibt noch kein bestätigtes Konto, und wir können nicht erkennen, welche Registrierung deine ist.
mail-again-button = Registrieren
mail-again-how = Registriere dich noch einmal, und öffne den Link in der E-Mail, die dann kommt: Er bestätigt diese Registrierung und keine andere.
mail-reset-subject = Wähle ein neues Passwort für { $site }
mail-reset-title = Wähle ein neues Passwort
mail-reset-preview = Der Link funktioniert einmal, { $minutes } Minuten lang.
mail-reset-text = Jemand, wahrscheinlich du, hat ein neues Passwort für dein Konto bei { $site } angefordert.
mail-reset-button = Neues Passwort wählen
mail-reset-ignore = Falls du das nicht warst, ignoriere diese E-Mail: Dein Passwort bleibt, wie es ist.
mail-changed-subject = Dein Passwort für { $site } wurde geändert
mail-changed-title = Dein Passwort wurde geändert
mail-changed-preview = Falls du das nicht warst, wähle sofort ein neues Passwort.
mail-changed-text = Das Passwort deines Kontos bei { $site } wurde geändert ({ $at }). Alle anderen Sitzungen sind beendet.
mail-changed-was-you = Falls du das warst, musst du nichts tun.
mail-changed-was-not-you = Falls du das nicht warst, wähle sofort ein neues Passwort:
mail-cancelled-subject = Dein Konto bei { $site } ist aufgelöst
mail-cancelled-title = Dein Konto ist aufgelöst
mail-cancelled-preview = Alles darin ist endgültig gelöscht.
mail-cancelled-text = Du hast dein Konto bei { $site } aufgelöst ({ $at }). Alles darin ist endgültig gelöscht:
mail-cancelled-receipt = { $albums }, { $photos } ({ $size }), { $objects }
mail-cancelled-last = Das ist die letzte E-Mail von { $site }: Deine Adresse ist gelöscht.

## Die Konfiguration

secret-too-short = Das Geheimnis braucht mindestens 32 zufällige Bytes (`openssl rand -hex 32` gibt ein gutes aus).

## Die Kommandozeile

cli-about = Eine Fotogalerie für den eigenen Server. { $variant }
cli-about-sql = Ihre Datensätze liegen in SQLite, MySQL oder MariaDB, die Fotos in Dateien oder in S3.
cli-about-nosql = Ihre Datensätze liegen in DynamoDB oder in einer einzigen Datei, die Fotos in Dateien oder in S3.
cli-after-help =
    Ohne Befehl startet der Server. Ohne Konfiguration ist die Galerie unter http://127.0.0.1:8080 erreichbar und legt alles in ./gallery-data ab; der Ordner wird für dich angelegt: Datensätze, Fotos, ein erzeugtes Geheimnis und die Mails als Dateien im Ordner outbox.

    Einstellungen kommen aus einer TOML-Datei (--config FILE oder gallery.toml im Arbeitsverzeichnis) und aus Umgebungsvariablen, die Vorrang haben: GALLERY__SECTION__KEY, zum Beispiel

      GALLERY__DATA_DIR=/srv/gallery               wo alles liegt
      GALLERY__SERVER__LISTEN=127.0.0.1:9000       wo der Server lauscht
      GALLERY__SERVER__BASE_URL=https://p.example  unter welcher Adresse man ihn erreicht

    `config default` gibt jede Einstellung mit Beschreibung und Standardwert aus; `config check` meldet, was an deinen nicht stimmt.

    SIGTERM und Strg-C beenden den Server geordnet. Das Log geht auf die Standardfehlerausgabe. Die Sprache von Hilfe und Meldungen richtet sich nach LC_ALL, LC_MESSAGES oder LANG: Englisch oder Deutsch.
cli-usage-heading = Aufruf:
cli-commands-heading = Befehle:
cli-arguments-heading = Argumente:
cli-options-heading = Optionen:
cli-arg-config = Die Konfigurationsdatei [Standard: gallery.toml, falls vorhanden]
cli-arg-help = Hilfe ausgeben
cli-arg-version = Version ausgeben
cli-help = Diese Hilfe oder die Hilfe zu einem Befehl ausgeben
cli-serve = Die Galerie bereitstellen (geschieht auch ohne Befehl)
cli-config = Die Konfiguration ausgeben oder prüfen
cli-config-default = Jede Einstellung mit Beschreibung und Standardwert ausgeben, als TOML-Datei
cli-config-check = Alles melden, was an der Konfiguration nicht stimmt; Exit-Status 1, falls etwas nicht stimmt
cli-config-reference = Die Referenz aller Einstellungen ausgeben, als Markdown
cli-openapi = Das OpenAPI-Dokument der JSON-API ausgeben
cli-admin = Eine Galerie untersuchen und reparieren, ob ein Server läuft oder nicht
cli-admin-after-help = Wenn nur ein Prozess den Datenspeicher öffnen kann, wie beim eingebetteten Datenspeicher, führt ein laufender Server den Befehl aus, über den Socket admin.sock in seinem Datenordner. Sonst öffnet der Befehl den Datenspeicher selbst.
cli-admin-migrate = Den Datenspeicher auf den neuesten Stand bringen oder anlegen (geschieht auch beim Start des Servers); auch: create-tables
cli-admin-verify = Alle Datensätze und alle Fotos prüfen; Exit-Status 0, wenn alles stimmt, 1, wenn nicht, 2, wenn die Prüfung gescheitert ist
cli-admin-verify-arg-json = JSON ausgeben
cli-admin-sweep = Löschen, was abgelaufen ist oder nach Abstürzen übrig blieb, und die fälligen Aufgaben ausführen
cli-admin-jobs = Die Aufgaben auflisten, die warten, laufen oder gescheitert sind
cli-admin-jobs-arg-json = JSON ausgeben, ein Objekt pro Zeile
cli-admin-jobs-resume = Eine Aufgabe jetzt ausführen, die nach zu vielen Fehlversuchen geparkt wurde
cli-admin-jobs-resume-arg-id = Die ID der Aufgabe
cli-admin-reprocess = Vorschaubilder aus den Originalen neu erzeugen und die Angaben in den Dateien neu lesen. Das legt Aufgaben an, die laufende Server erledigen; `admin jobs` zeigt, welche noch übrig sind
cli-admin-reprocess-arg-account = Die Fotos eines Kontos
cli-admin-reprocess-arg-photo = Ein Foto
cli-admin-reprocess-arg-all = Die Fotos aller Konten
cli-admin-suppressions = Eine Adresse nachschlagen, die keine Mails bekommt, weil eine Mail unzustellbar war oder sich jemand beschwert hat (gespeichert werden nur Hashes der Adressen)
cli-admin-suppressions-check = Sagen, ob eine Adresse Mails bekommt, und wenn nicht, warum und bis wann
cli-admin-suppressions-check-arg-address = Die Adresse
cli-admin-suppressions-lift = Einer Adresse wieder Mails schicken, wenn es ihr Postfach wieder gibt oder jemand doch Mails will
cli-admin-suppressions-lift-arg-address = Die Adresse
cli-admin-users = Die Konten mit ihrem Zustand und ihrem Speicherverbrauch auflisten
cli-admin-users-arg-json = JSON ausgeben, ein Objekt pro Zeile
cli-error = Fehler: { $what }
cli-error-subcommand = Es gibt keinen Befehl „{ $name }“
cli-error-argument = Unerwartetes Argument „{ $name }“
cli-error-value = Ungültiger Wert „{ $value }“ für „{ $argument }“: { $reason }
cli-error-value-missing = „{ $argument }“ braucht einen Wert
cli-error-required = Es fehlt: { $arguments }
cli-error-twice = „{ $argument }“ darf nur einmal angegeben werden
cli-error-conflict = „{ $argument }“ verträgt sich nicht mit { $others }
cli-error-similar = Meintest du { $names }?
cli-error-similar-name = `{ $name }`
cli-error-help = Mehr dazu mit `--help`.
cli-or = { $first } oder { $second }
cli-threads = Threads lassen sich nicht starten
cli-stdout = auf die Standardausgabe lässt sich nicht schreiben
cli-stderr = auf die Standardfehlerausgabe lässt sich nicht schreiben
cli-no-server = kein Server dieses Datenordners nimmt den Befehl entgegen ({ $reason })
cli-no-data-folder = es gibt keinen Datenordner
cli-store-shared = der Datenspeicher braucht keinen
cli-ready = { $site } ist bereit: { $url }
cli-stop = Strg-C beendet den Server.
cli-place-listening = lauscht auf
cli-place-metrics = Metriken
cli-place-records = Datensätze
cli-place-photos = Fotos
cli-place-mail = Mails
cli-place-outbox = { $folder } (eine Datei pro Mail)
cli-place-outbox-printed = { $folder } (eine Datei pro Mail; Links werden auch hier ausgegeben)
cli-place-smtp = der SMTP-Server { $server }
cli-place-ses = Amazon SES
cli-place-ses-at = Amazon SES unter { $endpoint }
cli-place-ses-in = Amazon SES in { $region }
cli-place-dynamodb = DynamoDB-Tabellen { $first } und { $second }
cli-place-dynamodb-at = DynamoDB-Tabellen { $first } und { $second } in { $place }
cli-place-mysql-verified = Datenbank { $database } auf { $server } (über verifiziertes TLS, als { $user })
cli-place-mysql-clear = Datenbank { $database } auf { $server } (ohne TLS, als { $user })
cli-place-mysql-local = Datenbank { $database } auf { $server } (auf diesem Rechner, als { $user })
start-listen = auf { $address } kann der Server nicht lauschen (`{ $setting }` legt eine andere Adresse fest)
start-listener-died = der Listener ist abgestürzt
start-folder-create = der Datenordner { $path } lässt sich nicht anlegen (`data_dir` legt einen anderen fest)
start-folder-missing = der Datenordner { $path } lässt sich nicht öffnen (`data_dir` legt einen anderen fest; beim Start des Servers wird er angelegt)
start-secret-write = das Geheimnis { $path } lässt sich nicht schreiben
start-secret-read = das Geheimnis { $path } lässt sich nicht lesen (beim Start des Servers wird es erzeugt)
start-secret-invalid = { $path } ist kein gültiges Geheimnis: { $reason } Stelle es wieder her, oder lösche es, damit ein neues erzeugt wird; ungeöffnete Links in Mails funktionieren dann nicht mehr
start-s3-no-links = S3 erstellt keine vorsignierten URLs
start-s3-bad-links = eine vorsignierte URL von S3 ist keine URL
config-good = Die Konfiguration ist in Ordnung: { $site } auf { $listen }, erreichbar unter { $url }, Daten in { $folder }.
config-wrong = die Konfiguration ist falsch:
config-problem = { $name }: { $what }
config-in-file = { $what } (in { $file })
config-in-variable = { $what } (in der Variablen { $variable })
config-renamed = diese Einstellung heißt jetzt `{ $name }`; der alte Name gilt noch bis zur nächsten Version
config-not-utf8 = der Wert der Variablen ist kein UTF-8
config-file-unreadable = die Konfigurationsdatei lässt sich nicht lesen: { $error }
config-not-toml = das ist kein TOML: { $error }
config-default-is = { $what }; der Standardwert ist `{ $default }`
config-invalid-value = ungültiger Wert: { $error }
config-unknown = diese Einstellung gibt es nicht; `config default` gibt alle aus
config-unknown-similar = diese Einstellung gibt es nicht; meintest du { $names }?
config-not-a-number = `{ $text }` ist keine ganze Zahl
config-not-a-bool = `{ $text }` ist weder true noch false
config-at-least-one = muss mindestens 1 sein
config-password-length = muss mindestens { $least } sein
config-folder-required = ein Ordner ist erforderlich
config-site-name-required = ein Name ist erforderlich
config-name-control-characters = ein Name darf keine Steuerzeichen enthalten
config-url = `{ $text }` ist keine URL: { $error }
config-url-scheme = `{ $text }` muss mit http:// oder https:// beginnen und einen Host nennen
config-url-bare = `{ $text }` darf nur aus Schema, Host und gegebenenfalls einem Port bestehen
config-network = `{ $text }` ist weder eine Adresse wie 192.0.2.1 noch ein Netz wie 10.0.0.0/8
config-filter = `{ $text }` ist kein Filter wie `info` oder `info,gallery_web=debug`: { $error }
config-tls-unused = mit `tls = "off"` wird nichts verifiziert; entferne eines von beiden
config-secret-required = mit einer eigenen Datenbank ist ein Geheimnis erforderlich, dasselbe auf jeder Instanz (`openssl rand -hex 32` gibt ein gutes aus)
config-either-or-file = setze entweder `{ $name }` oder `{ $name }_file`, nicht beide
config-secret-empty = darf nicht leer sein; setze einen Wert, oder entferne die Einstellung
config-secret-unreadable = { $file } lässt sich nicht lesen: { $error }
config-mail-from-required = die Absenderadresse der Mails ist erforderlich
config-bucket-required = der Name des Buckets für Fotos ist erforderlich
config-unused = wird nicht verwendet; setze `{ $setting }`, oder entferne die Einstellung
config-prefix-slash = muss mit einem Schrägstrich enden, wie ein Ordner
config-prefix-plain = darf weder mit einem Schrägstrich beginnen noch Steuerzeichen enthalten
config-key-required = mit `encryption = "kms"` ist der Schlüssel erforderlich
config-link-seconds = muss zwischen 1 und { $most } liegen
config-delivery-unused = geht nur bei Fotos in S3; entferne die Einstellung
config-smtp-host-required = der Name des Mailservers ist erforderlich
config-user-and-password = setze Benutzer und Passwort oder keines von beiden
config-smtp-in-the-clear = das Passwort ginge unverschlüsselt durchs Netz; nimm `tls` oder `starttls`
config-smtp-tls-unused = mit `security = "none"` wird nichts verifiziert; entferne eines von beiden
config-no-such-file = diese Datei gibt es nicht
config-topic = muss die ARN eines SNS-Topics sein, etwa `arn:aws:sns:...`
config-tags = jedes muss die Form `name=value` haben, mit Buchstaben, Ziffern, `_` und `-`
config-endpoint = muss eine URL sein, etwa `http://127.0.0.1:9000`
config-database-nosql = muss `dynamodb:` sein, mit den in `[dynamodb]` beschriebenen Tabellen, oder die Form `redb:/path/to/gallery.redb` haben
config-database-sql = muss die Form `sqlite:/path/to/gallery.db` oder `mysql://user@host:3306/gallery` haben
config-database-password-unused = nur eine `mysql:`-URL nimmt ein Passwort; entferne es
config-mysql-form = muss die Form `mysql://user:password@host:3306/database` haben, mit Sonderzeichen als `%XX`
config-mysql-parameters = der einzige erlaubte Parameter ist `?socket=/path`; alles andere ist eine eigene Einstellung
config-mysql-two-passwords = setze das Passwort entweder in der URL oder für sich, nicht beides
config-mysql-certificates-unused = Zertifikate sind gesetzt, aber TLS ist aus; entferne eines von beiden
config-mysql-unusable = die Einstellungen der Datenbank sind unbrauchbar: { $error }
admin-migrated = Der Datenspeicher ist auf dem neuesten Stand.
admin-verify-failed = die Galerie konnte nicht geprüft werden
admin-verified = Geprüft: { $accounts }, { $albums }, { $photos } und { $blobs } ({ $bytes } gelesen).
admin-verified-clean = Alle Invarianten gelten.
admin-verified-upgrading = Datensätze einer früheren Version werden noch umgestellt (siehe admin jobs): bis dahin können I5 und I8 bei ihnen gemeldet werden.
admin-verified-violations = { $count ->
    [one] { $count } Verletzung
   *[other] { $count } Verletzungen
}
admin-accounts = { $count ->
    [one] { $count } Konto
   *[other] { $count } Konten
}
admin-albums = { $count ->
    [one] { $count } Album
   *[other] { $count } Alben
}
admin-photos = { $count ->
    [one] { $count } Foto
   *[other] { $count } Fotos
}
admin-blobs = { $count ->
    [one] { $count } Blob
   *[other] { $count } Blobs
}
admin-bytes = { $count ->
    [one] { $count } Byte
   *[other] { $count } Byte
}
admin-sweep-failed = das Aufräumen ist gescheitert
admin-no-job-run = keine Aufgabe konnte ausgeführt werden
admin-swept = Gelöscht: unfertige Uploads { $uploads }, abgelaufene Datensätze { $records }, Blobs { $blobs }. Aufgaben ausgeführt: { $ran }, gescheitert: { $failed }.
admin-job = { $state }, { $failures }
admin-job-error = { $state }, { $failures }, zuletzt: { $error }
admin-job-parked = geparkt
admin-job-leased = vergeben bis { $until }
admin-job-due = fällig { $at }
admin-job-failures = { $count ->
    [one] { $count } Fehlversuch
   *[other] { $count } Fehlversuche
}
admin-job-resumed = Aufgabe { $id } ist jetzt fällig.
admin-job-unknown = es gibt keine Aufgabe { $id }; vielleicht ist sie erledigt
admin-scope-required = gib ein Konto, ein Foto oder alle an
admin-scope-unknown = dieses Foto oder Konto gibt es nicht
admin-field = { $field }: { $detail }
admin-not-all-recorded = nicht alle Aufgaben konnten angelegt werden
admin-recorded = Aufgaben angelegt: { $count }. Laufende Server erledigen sie; `admin jobs` zeigt, welche noch übrig sind.
admin-suppressed = { $address } bekommt keine Mails bis { $until }: { $reason }.
admin-not-suppressed = { $address } bekommt Mails.
admin-lifted = { $address } bekommt wieder Mails. Der Grund der Sperre war: { $reason }.
admin-nothing-to-lift = { $address } war nicht gesperrt und bekommt Mails.
admin-bounced = eine Mail war unzustellbar ({ $at })
admin-complained = jemand hat sich beschwert ({ $at })
admin-user-confirmed = bestätigt
admin-user-deleting = wird gelöscht
admin-user-usage = { $albums }, { $photos }, { $bytes } von { $quota } Byte
admin-server-ended = der Server hat sich beendet, bevor der Befehl fertig war
admin-server-refuses = der laufende Server lehnt ab: { $reason }
admin-absent = { $socket }: { $reason }
admin-absent-other-store = der Server dort hat einen anderen Datenspeicher, { $store }
admin-absent-no-server = der Prozess dort ist kein Server dieses Programms
admin-absent-hung-up = der Prozess dort hat aufgelegt
admin-absent-silent = der Prozess dort antwortet nicht
admin-absent-nobody = dort lauscht kein Server
admin-peer-unknown = das System sagt nicht, wer am anderen Ende ist
admin-peer-stranger = der Prozess am anderen Ende gehört dem Benutzer { $user }
admin-refused-version = er hat Version { $server }, dieses Programm Version { $client }. Starte den Server mit dieser Version neu, oder nimm hier die andere
admin-refused-unknown = er kennt den Befehl nicht: { $error }
admin-waiting = ein anderes `admin { $command }` läuft noch; warte, bis es fertig ist
admin-panicked = der Befehl ist abgestürzt (Panic); das Log des Servers sagt, wo
admin-output-stalled = niemand nimmt die Ausgabe entgegen
