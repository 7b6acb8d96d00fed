# Teks portal dalam bahasa Indonesia. Setiap teks ada pasangannya di locales/en; tanpa itu build gagal.

## Bingkai
skip-to-content = Langsung ke isi
nav-label = Halaman
nav-home = Tulis
nav-outbox = Kotak keluar
nav-inbox = Kotak masuk
nav-modems = Modem
nav-account = Akun
nav-users = Pengguna
log-out = Keluar
language-label = Bahasa
disk-full = Disk gateway penuh: pesan baru ditolak sampai ada ruang lagi. Pesan yang sudah diterima tetap dikirim.
disk-full-admin = Disk { $folder } penuh: tersisa { $free }, sedangkan { $reserve } disimpan untuk pesan yang sudah diterima. Pesan baru ditolak sampai Anda mengosongkan ruang di sana.
not-private = Sambungan ini tidak pribadi: orang lain di jaringan bisa membaca yang Anda ketik. Pakailah https bila itu penting.
live-lost = Sambungan ke gateway terputus. Menyambung kembali …
older = Lebih lama
times-in = Waktu ditampilkan dalam zona
newest = Terbaru

## Persiapan
setup-title = Selamat datang di Merpati
setup-lead = Gateway ini masih baru, dan Anda pengunjung pertamanya. Tentukan cara Anda masuk nanti.
setup-name = Nama Anda
setup-name-hint = Paling banyak 64 huruf, tanpa spasi. Dipakai untuk masuk.
setup-password = Kata sandi
setup-password-hint = Paling sedikit { $least } huruf. Beberapa kata berurutan sudah baik.
setup-submit = Buat akun
setup-void-title = Tautan ini tidak berlaku lagi
setup-void = Tautan persiapan hanya berlaku sekali, selama 24 jam. Buat yang baru di komputer gateway:
setup-needed-title = Merpati sudah berjalan
setup-needed = Belum ada pengguna. Buka tautan sekali pakai yang dicetak saat gateway mulai, atau buat yang baru di komputernya:
setup-done-log-in = Gateway ini sudah siap. Silakan masuk.

## Masuk
login-title = Masuk
login-name = Nama
login-password = Kata sandi
login-submit = Masuk
login-wrong = Nama atau kata sandi salah.
login-program = Akun ini untuk program, yang memakai kunci. Masuklah dengan akun Anda sendiri.
login-throttled = Terlalu banyak percobaan. Tunggu { $seconds ->
    [1] satu detik
   *[other] { $seconds } detik
} lalu coba lagi.
login-ended = Anda sudah keluar.
login-first = Masuk dulu untuk melihat halaman itu.

## Menulis
compose-title = Tulis pesan
compose-to = Kepada
compose-to-placeholder = +62 812 3456 7890
compose-to-hint = Nomor telepon. Beberapa nomor dipisah koma.
compose-text = Isi pesan
compose-send = Kirim
compose-count = Hitung
compose-more = Kurangi jumlah bagian
compose-alike = Karakter yang mirip
compose-alike-hint = Tanda kutip lengkung, tanda pisah panjang, dan sejenisnya diganti yang biasa, dan huruf kehilangan tanda yang tidak ada di GSM, bila itu mengurangi jumlah bagian. Yang diganti ditampilkan di bawah teks.
compose-tables = Huruf bahasa tertentu
compose-tables-hint = Bahasa Turki, Spanyol, Portugis, dan bahasa-bahasa India punya tabel huruf sendiri, yang dipakai bila itu mengurangi jumlah bagian. Ponsel lama tanpa tabel itu menampilkan huruf lain.
compose-from = Kirim lewat
compose-from-any = Modem mana saja
answer-label = Balasan Anda
answer-send = Kirim balasan
answer-open = Balas
answer-impossible = { $name } adalah nama, bukan nomor, jadi tidak bisa dibalas.
count-characters = { $count ->
   *[other] { $count } karakter
}
count-parts = { $count ->
   *[other] { $count } bagian
}
count-left = { $count ->
   *[other] sisa { $count } di bagian ini
}
count-encoding-gsm = huruf biasa (GSM)
count-encoding-ucs2 = semua huruf (Unicode)
count-encoding-language = huruf { $language } (GSM)
count-replaced = Diganti: { $characters }
count-without = { $parts ->
   *[other] Tanpa “Kurangi jumlah bagian” jadinya { $parts } bagian.
}
count-alike = { $parts ->
   *[other] Dengan karakter yang mirip cukup { $parts } bagian: lihat “Kurangi jumlah bagian”.
}
count-tables = { $parts ->
   *[other] Dengan huruf bahasanya cukup { $parts } bagian: lihat “Kurangi jumlah bagian”.
}
count-forced = { $characters } membuatnya Unicode, dengan lebih sedikit karakter per bagian.
count-too-long = Terlalu panjang: { $parts } bagian, padahal batasnya { $limit }.
send-failed-title = Tidak ada yang dikirim
send-no-recipient = Isi dulu kepada siapa pesannya.
send-bad-recipient = “{ $written }” bukan nomor telepon: { $reason }
send-bad-empty = kosong
send-bad-character = tidak boleh ada “{ $character }” di dalamnya
send-bad-long = angkanya terlalu banyak
send-bad-short = angkanya terlalu sedikit
send-too-many = Paling banyak { $limit } penerima sekaligus.
send-too-much = Akun ini sudah mencapai batas pengiriman untuk saat ini, jadi tidak ada yang dikirim. Coba lagi dalam { $minutes ->
    [1] satu menit
   *[other] { $minutes } menit
}.
send-blank = Isi pesan hanya spasi, jadi tidak ada yang bisa dibaca.
sent-short-code = Kode pendek, bukan nomor telepon: { $codes }.
send-empty = Tulis dulu isi pesannya.
send-too-long = Pesannya terlalu panjang: akan menjadi { $parts } bagian, padahal batasnya { $limit }.
send-unencodable = Pesan ini tidak bisa dikirim: { $reason }
send-broker-away = Broker gateway sedang tidak menjawab, jadi tidak ada yang dikirim. Pesan Anda masih di sini: coba lagi sebentar.
send-disk-full = Disk gateway penuh, jadi tidak ada yang dikirim. Pesan Anda masih di sini: coba lagi setelah administrator mengosongkan ruang.
send-unclear = Broker gateway terputus di tengah jalan. Periksa kotak keluar sebelum mengirim ulang.
send-sim-not-yours = Anda tidak boleh mengirim lewat kartu SIM ini. Pilih kartu lain, atau hubungi administrator.
send-twice = Formulir ini sudah dikirim, dengan isi lain. Periksa kotak keluar; untuk mengirim yang ini juga, kirim sekali lagi.
send-store-away = Basis data gateway sedang tidak menjawab, jadi tidak ada yang dikirim. Pesan Anda masih di sini: coba lagi sebentar.
sent-notice = { $count ->
    [1] Pesan sedang dikirim.
   *[other] { $count } pesan sedang dikirim.
}

## Pesan
home-title = Tulis
latest-title = Terkini
latest-empty = Belum ada apa-apa. Yang Anda kirim dan terima muncul di sini dengan sendirinya.
outbox-title = Kotak keluar
outbox-empty = Belum ada yang dikirim.
find-label = Cari pesan
find-hint = Kata, atau bagian nomor
find-do = Cari
find-nothing = Tidak ada yang cocok.
inbox-title = Kotak masuk
inbox-empty = Belum ada yang diterima. Pesan ke modem Anda muncul di sini dengan sendirinya.
message-title = Pesan kepada { $to }
message-received-on = di { $number }
message-timeline = Riwayat
message-parts = Bagian
message-recipient = Penerima
message-short-code = Kode pendek: layanan dari jaringan, bukan nomor telepon
message-number = Nomor pesan
message-id = ID pesan
message-sim = SIM
message-letters = Huruf
message-replaced = Diganti
message-modem = Modem
message-data = { $count ->
   *[other] { $count } oktet data
}
message-incomplete = Beberapa bagian pesan ini belum datang: { $parts }.
message-cut = Pesan ini datang tidak utuh: bagian akhirnya hilang.
message-unreadable = Pesan ini tidak dapat dibaca. PDU-nya disimpan dan dapat dilihat lewat API.
message-data-text = Dikirim sebagai data 8-bit, ditampilkan sebagai teks.
message-mms = Pesan gambar (MMS) berukuran { $size } KB menunggu di jaringan. Merpati tidak mengambilnya.
message-mms-from = Pengirim pesan gambar: { $from }
message-mms-at = Alamat pesan gambar: { $location }
waiting-voicemail = Pesan suara
waiting-fax = Faks
waiting-email = Surel
waiting-other = Pesan lain
waiting-some = { $kind } menunggu: { $count }.
waiting-uncounted = { $kind } menunggu.
waiting-no-more = { $kind }: tidak ada lagi yang menunggu.
message-open = Lihat riwayat
message-not-found-title = Pesan itu tidak ada
message-not-found = Pesan itu tidak pernah ada di sini, atau milik orang lain.
cancel-button = Batalkan
cancel-done = Dibatalkan. Pesan ini tidak akan dikirim.
cancel-doubtful = Dibatalkan. Pesan ini tidak akan dikirim sekali lagi, tetapi percobaan sebelumnya mungkin sudah terkirim.
cancel-late = Sudah terlambat untuk membatalkan: pesan ini sudah berada di modem atau di jaringan.
cancel-ended = Tidak ada yang bisa dibatalkan: pesan ini berakhir tanpa pernah dikirim.
again-button = Kirim ulang
again-done = Inilah pesan yang dikirim ulang.
again-not-yet = Pesan ini tidak dikirim ulang: masih dalam perjalanan, atau sudah sampai.
again-refused = Pesan ini tidak dapat dikirim ulang apa adanya. Silakan tulis kembali.
again-of = Dikirim ulang sebagai pengganti pesan sebelumnya
again-as = Pesan ini sudah dikirim ulang sebagai pesan baru
waits-no-modem = Pesan ini menunggu karena tidak ada modem yang aktif. Begitu ada, ia terkirim dengan sendirinya.
waits-unchecked = Pesan ini sudah diterima dan segera diperiksa. Kalau lama, mungkin router tidak berjalan.
waits-scheduled = Pesan ini dijadwalkan untuk nanti.
waits-try-failed = Percobaan terakhir gagal. { $reason }
waits-rule = Pesan ini ditahan oleh sebuah aturan.
waits-pool-away = Pesan ini menunggu karena tidak ada modem yang aktif di kelompok { $pool }. Begitu ada, ia terkirim dengan sendirinya.
waits-sim-away = Pesan ini menunggu karena SIM yang harus dipakainya ada di { $modem }, yang sedang tidak aktif. Begitu aktif, ia terkirim dengan sendirinya.
waits-sim-unknown = Pesan ini menunggu karena SIM yang harus dipakainya tidak ada di modem mana pun. Begitu ada di modem yang aktif, ia terkirim dengan sendirinya.
waits-turn = Pesan ini menunggu giliran: pesan-pesan sebelumnya dikirim lebih dulu.
waits-ends = Kalau belum terkirim sampai { $until }, pesan ini kedaluwarsa.
waits-until = Pesan ini menunggu sampai { $until }.

## Status
state-accepted = Diterima
state-admitted = Antre
state-held = Ditahan
state-released = Giliran berikut
state-deferred = Mencoba lagi
state-sending = Sedang dikirim
state-uncertain = Tidak pasti
state-rejected = Ditolak
state-cancelled = Dibatalkan
state-expired = Kedaluwarsa
state-failed = Gagal
state-sent = Terkirim
state-undelivered = Tidak sampai
state-delivered = Sampai
state-unknown = Tidak dikenal

## Riwayat
line-accepted = Diterima dan disimpan oleh gateway.
line-admitted = { $parts ->
    [1] Masuk antrean sebagai satu bagian.
   *[other] Masuk antrean sebagai { $parts } bagian.
}
line-rejected = Ditolak: { $reason }
line-held-schedule = Menunggu sampai { $until }: dijadwalkan.
line-held-backoff = Menunggu sampai { $until }: percobaan terakhir gagal.
line-held-other = Menunggu sampai { $until }: ditahan oleh sebuah aturan.
line-released = Menunggu modem yang kosong.
line-deferred = Percobaan { $tries } gagal: { $reason } Dicoba lagi pukul { $until }.
line-sending = Diberikan kepada { $modem }, percobaan { $tries }.
line-sending-part = Bagian { $part } dari { $parts } diberikan kepada { $modem }, percobaan { $tries }.
line-sent = Diterima oleh jaringan.
line-failed = Gagal: { $reason }
line-failed-tries = Gagal setelah { $tries } percobaan: { $reason }
line-delivered = Sampai di telepon penerima.
line-undelivered = Tidak sampai: { $reason }
line-expired = Waktunya habis sebelum bisa dikirim.
line-cancelled = Dibatalkan.
line-cancelled-by = Dibatalkan oleh { $who }.
line-uncertain = Tidak diketahui apakah bagian { $part } terkirim: { $reason }
line-unknown = Sesuatu yang tidak dikenal versi ini.
a-modem = sebuah modem

## Modem
modems-title = Modem
modems-online = { $count ->
    [0] Tidak ada modem yang aktif
   *[other] { $count } modem aktif
}
modems-none = Belum ada modem. Colokkan satu: modem ditemukan secara otomatis. Kalau tidak, jalankan ini di komputer gateway:
modem-ready = Siap
modem-sending = Mengirim
modem-starting = Sedang disiapkan
modem-searching = Mencari jaringan
modem-blocked = Perlu tindakan
modem-degraded = Bermasalah
modem-offline = Tidak aktif
modem-disabled = Dinonaktifkan
modem-disabled-hint = Tidak mengirim apa pun. Pesan yang diterima tetap disimpan.
modem-since = sejak
modem-name = Nama modem
modem-name-hint = Paling banyak 32 karakter. Bila dikosongkan, nama port dipakai kembali.
modem-name-taken = Nama itu sudah dipakai modem lain.
modem-disable = Nonaktifkan
modem-enable = Aktifkan
modem-forget = Lupakan modem ini
modem-forget-here = Modem ini masih terdengar kurang dari setengah menit yang lalu. Cabut modem, tunggu setengah menit, lalu coba lagi. Bila portnya ada di konfigurasi, hapus dari sana, atau nonaktifkan modem.
modem-did-name = Nama disimpan.
modem-did-enable = Modem diaktifkan.
modem-did-disable = Modem dinonaktifkan: tidak mengirim apa pun sampai Anda mengaktifkannya.
modem-did-forget = Modem dilupakan. Bila muncul lagi, modem itu dianggap baru.
modem-unknown = Tidak dikenal
modem-number = Nomor
modem-number-unknown = tidak diketahui
modem-operator = Jaringan
modem-signal = Sinyal
modem-signal-none = sinyal tidak diketahui
modem-signal-dbm = { $dbm } dBm
modem-today = Hari ini
modem-today-sent = { $sent } terkirim, { $failed } gagal
modem-balance = Pulsa
modem-balance-low = menipis
modem-balance-unknown = tidak diketahui
modem-spool = Belum diteruskan
modem-spool-waits = { $entries } diterima, di komputer modem
modem-spool-full = penuh
modem-port = Port
modem-make = Merek
modem-write-to = Tulis ke nomor ini
modem-do = Yang perlu dilakukan
modem-tools = Alat
modem-restart = Mulai ulang
modem-reset = Matikan dan nyalakan
modem-flight-on = Matikan radio
modem-flight-off = Nyalakan radio
modem-queue = Pesan diproses
modem-sim = Kartu SIM
modem-set = Simpan
modem-set-number = Nomor kartu SIM
modem-set-smsc = Pusat layanan (SMSC)
modem-set-hint = Kosongkan isian untuk menghapus yang tersimpan di sini.
modem-number-wrong = ini bukan nomor telepon
modem-pin = PIN kartu SIM
modem-pin-submit = Buka
modem-pin-hint = PIN hanya dicoba sekali. Tiga kali salah membuat kartu SIM terkunci.
modem-ussd = Kode USSD
modem-ussd-submit = Panggil
modem-did-restart = Modem sedang dimulai ulang.
modem-did-reset = Modem sedang dimatikan dan dinyalakan.
modem-did-flight-on = Radio dimatikan sampai Anda menyalakannya lagi.
modem-did-flight-off = Radio dinyalakan.
modem-did-number = Nomor disimpan untuk kartu SIM ini.
modem-did-pin = Kartu SIM sudah terbuka.
modem-kept-pin = PIN disimpan tersegel di komputer modem, sampai kartu SIM memintanya.
modem-pin-refused = Kartu SIM menolak PIN ini. PIN itu tidak dicoba lagi: tiga kali salah membuat kartu SIM terkunci.
modem-did-ussd = Jawaban jaringan: { $text }
modem-call-failed = Permintaan ke modem gagal: { $reason }
modem-roaming = roaming
signal-excellent = sangat baik
signal-good = baik
signal-fair = cukup
signal-weak = lemah

## Masalah modem dan pesan, menurut nama tetapnya
problem-no-sim = Tidak ada kartu SIM di modem.
problem-no-sim-advice = Matikan modem, masukkan kartu SIM, lalu colokkan lagi.
problem-pin-needed = Kartu SIM meminta PIN.
problem-pin-needed-advice = Masukkan PIN di sini, atau matikan PIN dengan ponsel.
problem-pin-wrong = Kartu SIM menolak PIN-nya.
problem-pin-wrong-advice = Masukkan PIN yang benar di sini. PIN yang salah tidak dicoba lagi: tiga kali salah membuat kartu SIM terkunci.
problem-pin-last-try = Kartu SIM meminta PIN dan hanya memberi satu kesempatan lagi.
problem-pin-last-try-advice = Pasang kartu SIM di telepon dan ketik PIN di sana.
problem-flight-mode = Radio modem dimatikan.
problem-flight-mode-advice = Nyalakan di bawah Alat.
problem-sim-failure = Kartu SIM tidak berfungsi.
problem-sim-failure-advice = Periksa apakah ia terpasang dengan baik, lalu apakah ia berfungsi di telepon.
problem-sim-busy = Kartu SIM sibuk selama setengah menit.
problem-sim-busy-advice = Tunggu. Kalau tetap begitu, cabut kartu SIM dan pasang lagi.
problem-set-up-refused = Modem menolak pengaturan untuk SMS.
problem-set-up-refused-advice = Tunggu sebentar: modem yang baru menyala sering menolak dulu, lalu dicoba lagi secara otomatis. Jika tetap begitu, cabut modem lalu pasang lagi.
problem-no-pdu-mode = Modem ini hanya punya mode teks untuk SMS, tanpa mode PDU.
problem-no-pdu-mode-advice = Gunakan modem lain, atau perbarui firmware modem ini: tanpa mode PDU, modem tidak diberi pesan.
problem-no-reports = Modem ini tidak memberi laporan pengiriman.
problem-no-reports-advice = SMS tetap keluar dan masuk, tetapi tidak diketahui apakah sudah sampai. Firmware yang lebih baru atau modem lain mungkin memberi laporan.
problem-modem-locked = Modem terkunci pada kartu SIM atau operator lain.
problem-modem-locked-advice = Pakai kartu SIM yang cocok, atau buka kunci modem.
problem-denied = Jaringan menolak kartu SIM ini.
problem-denied-advice = Periksa apakah kartu SIM aktif dan berpulsa, dan apakah roaming diizinkan kalau diperlukan.
problem-storage-full = Memori pesan penuh.
problem-storage-full-advice = Tunggu: pesan dibaca dan dihapus dengan sendirinya.
problem-garbage = Port menjawab, tetapi tidak seperti modem.
problem-garbage-advice = Periksa apakah ini port perintah modem, dan kecepatannya.
problem-port-gone = Port modem tidak ada.
problem-port-gone-advice = Colokkan modem; periksa kabel, hub, dan catu daya.
problem-puk-needed = Kartu SIM terkunci dan meminta PUK.
problem-puk-needed-advice = Pasang kartu SIM di telepon dan ketik PUK yang disertakan bersamanya.
problem-not-registered = Modem tidak menemukan jaringan yang menerimanya.
problem-not-registered-advice = Periksa antena, dan apakah kartu SIM aktif serta ada sinyal di sini.
problem-no-smsc = Kartu SIM tidak tahu nomor pusat layanannya.
problem-no-smsc-advice = Tanyakan nomor SMSC kepada operator dan isikan di sini.
problem-port-permission = Merpati tidak boleh membuka port modem.
problem-port-permission-advice = Tambahkan penggunanya ke grup port itu: sudo usermod -aG dialout USER, lalu masuk lagi.
problem-port-busy = Program lain memegang port modem.
problem-port-busy-advice = Sering kali ModemManager: sudo systemctl stop ModemManager, atau suruh ia mengabaikan modem ini.
problem-no-answer = Modem tidak menjawab.
problem-no-answer-advice = Cabut dan colokkan lagi. Kalau tidak membantu, periksa catu dayanya.
problem-driver-stopped = Driver berhenti ketika pesan sedang dikirim modem. Pesan mungkin sudah terkirim.
problem-driver-stopped-advice = Laporan pengiriman masih bisa memastikannya.
problem-unheard = Selama 15 menit tidak ada kabar tentang pesan yang sedang dikirim modem. Pesan mungkin sudah terkirim.
problem-unheard-advice = Periksa modem dan komputer tempat modem terpasang. Kabar yang datang kemudian tetap dicatat.
problem-host-silent = Komputer tempat modem ini terpasang tidak terdengar lagi.
problem-host-silent-advice = Jalankan lagi driver di sana, atau periksa komputernya. Modem yang sudah tidak ada bisa dilupakan lewat Alat.
problem-modem-gone = Modem dicabut, atau drivernya dihentikan.
problem-modem-gone-advice = Colokkan modem, atau jalankan lagi drivernya. Modem yang sudah tidak ada bisa dilupakan lewat Alat.
problem-cms-38 = Jaringan tidak melayani kartu SIM ini.
problem-cms-38-advice = Sebab yang biasa ialah pulsa habis: periksa, lalu isi ulang.
problem-account-disabled = Akunnya dinonaktifkan, jadi pesan tidak dikirim.
problem-account-disabled-advice = Administrator dapat mengaktifkannya kembali.
problem-sim-not-allowed = Akunnya tidak boleh mengirim lewat kartu SIM ini.
problem-sim-not-allowed-advice = Pilih kartu lain, atau hubungi administrator.
problem-balance-refused = Jaringan atau modem menolak kode untuk pulsa.
problem-balance-refused-advice = Panggil kodenya sendiri di bawah Alat; perbaiki kode pada modems.balance di konfigurasi.
problem-balance-no-answer = Pulsa tidak bisa ditanyakan.
problem-balance-no-answer-advice = Akan ditanyakan lagi dengan sendirinya.
problem-balance-unread = Jawaban jaringan tidak cocok dengan pola untuk pulsa.
problem-balance-unread-advice = Panggil kodenya sendiri di bawah Alat; bandingkan jawabannya dengan pola pada modems.balance di konfigurasi.
problem-spool-full = Yang diterima modem ini tidak bisa diteruskan, dan tempat penampungan di komputer modem sudah penuh.
problem-spool-full-advice = Hidupkan kembali broker; jaringan menyimpan pesan dan laporan untuk sementara, tetapi sebagian bisa hilang.
problem-spool-unwritable = Yang diterima modem ini tidak bisa diteruskan dan tidak bisa disimpan di komputer modem.
problem-spool-unwritable-advice = Periksa ruang kosong dan izin folder data di sana, lalu hidupkan kembali broker; sebagian pesan dan laporan bisa hilang.

## Panggilan balik
callbacks-title = Panggilan balik
callbacks-none = Belum ada kejadian yang perlu diberitahukan.
callback-delivered = Bahwa pesan sampai
callback-undelivered = Bahwa pesan tidak sampai
callback-buffered = Bahwa jaringan menyimpannya dan terus mencoba
callback-sent = Bahwa jaringan menerimanya
callback-refused = Bahwa pesan ditolak
callback-taken = HTTP { $status }: diterima.
callback-answered = Jawabannya HTTP { $status }.
callback-first = Belum dipanggil. URL dipanggil pada { $at }.
callback-next = URL dipanggil lagi pada { $at }.
callback-soon = URL segera dipanggil.
callback-given-up = Tidak dipanggil lagi: semua percobaan gagal.

## Kartu SIM
sim-title = Siapa yang boleh memakai kartu SIM ini
sim-senders = Mengirim
sim-senders-hint = Administrator selalu boleh mengirim lewat kartu ini. Selama tidak semua orang boleh, kartu ini hanya membawa pesan yang memang memilihnya.
sim-readers = Membaca pesan yang diterima
sim-readers-hint = Administrator selalu boleh membacanya. Ingat: kode sekali pakai dari bank dan layanan lain juga masuk ke sini.
sim-everybody = Semua orang
sim-save = Simpan
sim-done = Tersimpan.

## Akun
account-title = Akun
account-name = Masuk sebagai { $name }
account-admin = administrator
keys-title = Kunci untuk program
keys-lead = Program mengirim dengan kunci. Setiap kunci diperlihatkan sekali; di sini hanya awalnya yang disimpan.
keys-none = Belum ada kunci.
keys-label = Untuk apa
keys-label-placeholder = pemantauan
keys-create = Buat kunci
keys-created = Inilah kunci yang baru. Salin sekarang: tidak akan diperlihatkan lagi.
keys-example = Cobalah:
keys-used = terakhir dipakai { $at }
keys-never-used = belum pernah dipakai
keys-revoke = Cabut
keys-revoked = Kunci sudah dicabut.
keys-scopes = Kunci ini boleh apa
keys-all = Semua yang boleh dilakukan akun ini
keys-some = Hanya ini:
keys-scopes-none = Pilih paling sedikit satu hal yang boleh dilakukan kunci ini.
keys-may = boleh: { $what }
keys-docs = Yang dapat dilakukan program, beserta contohnya:
keys-until = berlaku sampai { $at }
keys-from = hanya dari { $networks }
keys-days = Berapa lama berlaku
keys-for-good = Sampai dicabut
keys-for-days = { $count } hari
keys-allow = Boleh dipakai dari alamat mana
keys-allow-hint = Alamat atau jaringan, dipisahkan koma. Kosongkan bila boleh dari mana saja.
keys-allow-wrong = Tulis paling banyak { $most } alamat atau jaringan, misalnya 192.0.2.7 atau 10.0.0.0/8.
power-messages-send = Mengirim pesan
power-messages-read = Membaca pesan terkirim
power-messages-cancel = Membatalkan pesan
power-inbox-read = Membaca pesan masuk
power-modems-read = Melihat modem dan SIM
power-modems-operate = Mengoperasikan modem
power-sims-manage = Menentukan siapa boleh memakai SIM
power-webhooks-read = Melihat webhook
power-webhooks-write = Membuat dan mengubah webhook
power-services-read = Melihat layanan kata kunci
power-services-write = Membuat, mengubah, dan menghapus layanan kata kunci
power-keys-manage = Membuat dan mencabut kunci
power-users-manage = Mengelola akun
power-gateway-operate = Mengoperasikan gateway
password-title = Kata sandi
password-old = Kata sandi saat ini
password-new = Kata sandi baru
password-change = Ganti kata sandi
password-changed = Kata sandi Anda sudah diganti. Semua sesi lain diakhiri.
password-short = Kata sandi perlu paling sedikit { $least } huruf.
password-long = Kata sandi paling banyak { $most } huruf.
password-wrong = Kata sandi saat ini salah.

## Pengguna
webhooks-title = Webhook
webhooks-one = Webhook
webhooks-lead = Gateway memberi tahu program Anda apa yang terjadi: setiap kejadian adalah satu permintaan bertanda tangan ke URL Anda, satu kali dan berurutan. Selama URL tidak menjawab, kejadiannya menunggu.
webhooks-none = Belum ada webhook.
webhooks-add = Tambah webhook
webhooks-url = URL
webhooks-events = Kejadian
webhooks-sender = Hanya dari pengirim ini (boleh kosong)
webhooks-keyword = Hanya pesan yang diawali kata ini (boleh kosong)
webhooks-raw = Kirim juga PDU pesan masuk
webhooks-bad-url = Ini bukan URL yang dapat dipanggil: URL diawali https:// atau http://.
webhooks-no-events = Pilih paling sedikit satu kejadian.
webhooks-too-many = Sudah ada { $most } webhook, dan itu yang terbanyak.
webhooks-secret = Rahasia ini menandatangani permintaan. Salin sekarang: rahasia tidak ditampilkan lagi.
webhooks-good = Semuanya sudah diberitahukan.
webhooks-failing = Gagal { $failures } kali berturut-turut; { $pending } kejadian menunggu. Percobaan berikutnya pada { $at }.
webhooks-gave-up = Dinonaktifkan sejak { $at }, dan { $pending } kejadian menunggu: { $reason }
webhooks-disabled-since = Dinonaktifkan sejak { $at }; { $pending } kejadian menunggu.
webhooks-disabled = Webhook ini nonaktif. Aktifkan dahulu.
webhooks-dropped = { $dropped } kejadian tidak disimpan karena terlalu banyak yang menunggu.
webhooks-filter = Hanya yang diterima dari atau melalui:
webhooks-test = Kirim percobaan
webhooks-test-waits = Percobaan masih menunggu. Apakah layanan webhooks berjalan?
webhooks-enable = Aktifkan
webhooks-enabled-now = Webhook aktif, dan yang menunggu dikirim.
webhooks-disable = Nonaktifkan
webhooks-test-pending = Sebuah uji coba masih menunggu jawaban webhook ini. Lihat lognya sebentar lagi.
webhooks-disabled-now = Webhook dinonaktifkan. Yang menunggu tetap disimpan.
webhooks-rotate = Buat rahasia baru
webhooks-remove = Hapus
webhooks-removed = Webhook dihapus.
webhooks-log = Yang sudah diberitahukan
webhooks-log-none = Belum ada.
webhooks-waits = menunggu
webhooks-replay = Kirim lagi
webhooks-replayed = Dikirim lagi.
webhooks-all = Semua webhook
services-title = Layanan kata kunci
services-one = Layanan kata kunci
services-lead = Ketika datang pesan yang kata pertamanya sebuah kata kunci, gateway memanggil program Anda atau menjawab sendiri.
services-none = Belum ada layanan kata kunci.
services-order = Yang pertama cocok mengambil pesan, menurut urutan ini; kata kunci default mengambil yang tidak diambil layanan lain.
services-add = Tambah layanan
services-added = Layanan { $name } kini mengambil pesan.
services-change = Simpan
services-changed = Layanan diubah.
services-remove = Hapus
services-removed = Layanan dihapus.
services-all = Semua layanan kata kunci
services-name = Nama
services-keyword = Kata kunci
services-keyword-hint = Kata pertama pesan, huruf kecil atau besar. Kata kunci default mengambil yang tidak diambil layanan lain.
services-aliases = Kata lain yang juga berlaku, dipisahkan spasi (boleh kosong)
services-action = Yang dilakukannya
services-get-url = Mengambil URL
services-post-url = Mengirim teks ke URL
services-post-xml = Mengirim XML ke URL
services-replies = Mengirim teks balasan
services-argument = URL atau teks
services-argument-hint = Kode Kannel boleh ada di dalam URL: %a adalah teks, %q pengirim, %t waktu.
services-with-body = Kirim teks biasa yang dijawab URL kembali ke pengirim
services-omit-empty = Jangan kirim apa pun bila jawabannya kosong
services-parts = Balasan paling banyak sekian bagian; 0: tidak ada yang dikirim kembali
services-back = Balasan paling banyak { $parts } bagian.
services-back-nothing = Tidak ada yang dikirim kembali.
services-log = Panggilan terakhir
services-log-none = Belum pernah dipanggil.
services-done = Sudah dilakukan.
services-reply = Balasannya
services-try = Coba
services-try-lead = Apa yang terjadi bila pesan ini datang? Tidak ada yang dilakukan.
services-try-from = Dari
services-try-text = Teks
services-try-do = Lihat apa yang terjadi
services-nobody = Tidak ada layanan yang mengambil pesan ini.
services-elsewhere = Layanan akun lain mengambil pesan ini.
services-takes = Layanan { $name } mengambil pesan ini. Kata kuncinya: { $keywords }
services-would-call = Yang akan dipanggil:
services-would-reply = Yang akan dikirim kembali:
services-url-too-long = Tidak ada yang akan dipanggil: setelah kodenya diganti, URL terlalu panjang.
services-to-name = Tidak ada yang dikirim kembali: pengirimnya sebuah nama, yang tidak dapat dijawab.
services-to-short-code = Tidak ada yang dikirim kembali: pengirimnya nomor pendek, dan itu tidak dijawab karena mungkin berbiaya.
services-to-ourselves = Tidak ada yang dikirim kembali: pengirimnya salah satu kartu SIM gateway ini sendiri.
services-sim-not-yours = Tidak ada yang dikirim kembali: akun tidak boleh mengirim melalui kartu SIM yang menerima pesan itu.
services-bad-name = Nama terdiri dari 1 sampai { $most } karakter.
services-bad-keyword = Kata kunci adalah satu kata dari 1 sampai { $most } karakter.
services-too-many-aliases = Layanan paling banyak mempunyai { $most } kata lain.
services-bad-url = Ini bukan URL yang dapat dipanggil: URL diawali https:// atau http://, tanpa kode di dalam hostnya.
services-bad-reply = Teks balasan terdiri dari 1 sampai { $most } karakter.
services-too-many = Sudah ada { $most } layanan, dan itu yang terbanyak.
services-name-taken = Sudah ada layanan { $name }. Pilih nama lain.
services-keyword-taken = Layanan lain sudah memakai kata kunci { $keyword }. Pilih yang lain.
users-title = Pengguna
users-lead = Setiap orang melihat pesan yang dikirimnya sendiri; administrator melihat semuanya. Pesan yang diterima kartu SIM dibaca oleh administrator dan oleh mereka yang disebut di pengaturan kartu itu.
users-add = Tambah pengguna
users-name = Nama
users-password = Kata sandi
users-admin = Administrator
users-added = { $name } sudah bisa masuk.
users-taken = Nama itu sudah dipakai.
users-bad-name = Nama terdiri dari 1 sampai 64 huruf, tanpa spasi di awal dan akhir.
users-since = sejak { $at }

## Bila ada yang salah
error-title = Terjadi masalah
error-not-found-title = Halaman tidak ditemukan
error-not-found = Tidak ada apa-apa di alamat ini.
error-forbidden = Hanya administrator yang boleh melihat ini.
error-csrf = Formulir ini sudah kedaluwarsa, atau bukan dari halaman ini. Kembali, muat ulang halamannya, lalu kirim lagi.
error-unavailable = Gateway sedang tidak bisa melakukannya. Coba lagi sebentar.
error-internal = Ada yang salah di dalam gateway; catatannya menjelaskan. Tidak ada yang hilang.
error-malformed = Gateway tidak mengerti apa yang dikirim.
error-too-large = Isian terlalu panjang. Kolom “{ $field }” paling banyak { $most } karakter.
error-home = Kembali ke halaman awal

## Dokumentasi API
api-docs-title = API
api-docs-lead = Program mengirim dan menerima SMS lewat panggilan di bawah ini. Setiap permintaan membawa kunci: Authorization: Bearer KUNCI.
api-docs-document = Untuk pembuat klien otomatis, sebagai dokumen OpenAPI 3.1:
api-docs-contents = Isi
api-docs-types = Tipe data
api-docs-examples = Contoh
api-docs-examples-lead = Setiap contoh mengirim sebuah pesan, mengikutinya sampai diterima jaringan, lalu mencetak pesan masuk yang terbaru. Kunci dibaca dari variabel lingkungan MERPATI_KEY.
api-docs-key = Kunci Anda yang terbaru adalah “{ $label }”, { $prefix }…
api-docs-no-key = Kunci dibuat di halaman akun Anda:
api-docs-scope = Cakupan kunci:
api-docs-any-key = Kunci apa pun bisa dipakai.
api-docs-public = Tidak memerlukan kunci.
api-docs-required = wajib
api-docs-body = Isi permintaan:
