# Teks portal dalam bahasa Indonesia. Setiap teks ada pasangannya di locales/en; tanpa itu build gagal.

## Bingkai
skip-to-content = Langsung ke isi
nav-label = Halaman
nav-home = Tulis
nav-bulk = Massal
nav-conversations = Percakapan
nav-outbox = Kotak keluar
nav-inbox = Kotak masuk
nav-contacts = Kontak
nav-schedules = Jadwal
nav-broadcasts = Siaran
nav-reports = Laporan
nav-modems = Modem
nav-status = Status
nav-account = Akun
nav-users = Pengguna
nav-teams = Tim
nav-messages = Pesan
nav-people = Orang
nav-groups = Grup
nav-templates = Templat
nav-automation = Otomatis
nav-services = Layanan
nav-webhooks = Webhook
nav-operation = Operasi
nav-routes = Rute
nav-audit = Log audit
nav-yours = Akun
nav-rest = Lainnya
shortcuts-title = Tombol
shortcuts-search = Cari
shortcuts-write = Tulis pesan
shortcuts-list = Daftar ini
shortcuts-close = Tutup
empty-write = Tulis pesan.
empty-modems = Lihat apakah ada modem yang siap.
log-out = Keluar
language-label = Bahasa
disk-full = Disk gateway penuh: pesan baru ditolak sampai ada ruang lagi. Pesan yang sudah diterima tetap dikirim.
disk-full-admin = Disk { $folder } penuh: tersisa { $free }, sedangkan { $reserve } disimpan untuk pesan yang sudah diterima. Pesan baru ditolak sampai Anda mengosongkan ruang di sana.
not-private = Sambungan ini tidak pribadi: orang lain di jaringan bisa membaca yang Anda ketik. Pakailah https bila itu penting.
live-lost = Sambungan ke gateway terputus. Menyambung kembali …
older = Lebih lama
times-in = Waktu ditampilkan dalam zona
zone-title = Zona waktu
zone-label = Tampilkan waktu dalam zona
zone-keep = Simpan
zone-hint = Nama seperti Asia/Jakarta. Kosong: zona peramban Anda. Waktu di halaman ini dalam { $zone }. Hari pada laporan dimulai tengah malam di sana, dan jadwal baru ditulis dalam zona itu.
zone-kept = Waktu ditampilkan dalam zona Anda.
pager-label = Lanjutan daftar ini
newest = Terbaru

## Persiapan
setup-title = Selamat datang di Merpati
setup-lead = Gateway ini masih baru, dan Anda pengunjung pertamanya. Tentukan cara Anda masuk nanti.
setup-name = Nama Anda
setup-name-hint = Paling banyak 64 karakter, tanpa spasi. Dipakai untuk masuk.
setup-password = Kata sandi
setup-password-hint = Paling sedikit { $least } karakter. Beberapa kata berurutan sudah baik.
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
compose-to-placeholder = +62 812 3456 7890, Siti, #Kelas 7A
compose-to-hint = Nomor, nama kontak, dan grup dengan # di depannya. Pisahkan dengan koma, atau satu per baris.
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
compose-people = Siapa yang Anda maksud?
compose-group = { $count ->
   *[other] grup berisi { $count } kontak
}
compose-templates = Templat
compose-templates-hint = Templat dimasukkan ke isi pesan. Isian {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"}, dan {"{"}note{"}"} diisi dari data tiap kontak. Isian tambahan juga bisa dipakai: {"{"}field:Kota{"}"}.
compose-templates-all = Semua templat
compose-fold = Kapan dan bagaimana
compose-at = Tidak sebelum
compose-at-hint = Kosong: sekarang. Pesan menunggu sampai saat itu, dan bisa dibatalkan.
compose-until = Tidak sesudah
compose-until-hint = Kosong: kapan saja bisa dikirim. Yang belum terkirim sampai saat itu menjadi kedaluwarsa.
compose-pool = Kelompok modem
compose-pool-any = Sesuai rute
compose-flash = Pesan kilat: langsung tampil, dan tidak disimpan ponsel
compose-double = Kirim walaupun isi yang sama baru saja dikirim ke nomor yang sama
compose-repeat-hint = Setiap hari, minggu, atau bulan?
compose-repeat = Ulangi: buat jadwal
compose-look = Lihat dulu
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
count-alikes = Karakter mirip yang lebih hemat: { $characters }
count-replace = Ganti di dalam teks
count-too-long = Terlalu panjang: { $parts } bagian, padahal batasnya { $limit }.
send-failed-title = Tidak ada yang dikirim
send-no-recipient = Isi dulu kepada siapa pesannya.
send-bad-recipient = “{ $written }” bukan nomor telepon: { $reason }
send-unknown-name = “{ $name }” bukan nomor telepon, dan bukan nama kontak atau grup.
send-several-names = “{ $written }” bisa berarti beberapa: { $candidates }. Tulis nama lengkap atau nomornya.
send-empty-group = Grup “{ $name }” tidak punya anggota.
send-people-too-many = Paling banyak { $limit } penerima sekaligus. Siaran bisa untuk lebih banyak.
send-when-half = Waktu butuh keduanya: tanggal dan jam.
send-when-past = Waktu “tidak sebelum” sudah lewat. Kosongkan untuk mengirim sekarang.
send-until-past = Waktu “tidak sesudah” sudah lewat.
send-ends-too-soon = Pesan berakhir sebelum boleh dikirim: “tidak sesudah” lebih awal daripada “tidak sebelum”.
send-two-ways = Pilih kartu SIM atau kelompok modem, jangan keduanya.
send-bad-empty = kosong
send-bad-character = tidak boleh ada “{ $character }” di dalamnya
send-bad-long = angkanya terlalu banyak
send-bad-short = angkanya terlalu sedikit
send-bad-length = nomor { $country } punya { $least } sampai { $most } angka setelah +{ $code }, sedangkan nomor ini { $found }
send-bad-length-one = nomor { $country } punya { $digits } angka setelah +{ $code }, sedangkan nomor ini { $found }
send-bad-country-code = tidak ada negara yang nomornya diawali begitu: setelah + ada kode negara, misalnya +{ $code }
send-bad-destination = “{ $written }” tidak dikirimi pesan: { $reason }
send-bad-abroad = ini nomor { $country }, padahal pesan hanya dikirim ke { $allowed }
send-bad-nowhere = nomor ini bukan milik negara mana pun, padahal pesan hanya dikirim ke { $allowed }
send-bad-premium = biayanya lebih mahal dari nomor biasa (tarif premium atau biaya bersama)
send-bad-emergency = ini nomor darurat: telepon saja
send-bad-code = ini kode singkat, dan di sini kode singkat tidak dikirimi pesan
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
sent-look = Lihat
look-title = Sebelum dikirim
look-changed = Ada yang berubah sejak Anda lihat: kontak atau grupnya sekarang lain. Periksa lagi, baru kirim.
look-recipients = Penerima
look-change = Ubah
look-messages = Pesan
look-messages-parts = { $count } pesan, seluruhnya { $parts } bagian
look-cost = Biaya seluruhnya
look-kind = Jenis
look-double = Pengulangan
look-moment = { $at } (ditulis dalam zona { $zone })
look-lacking = { $count ->
   *[other] { $count } penerima tidak punya isi untuk salah satu bidang, jadi bidang itu kosong.
}
look-more = { $count ->
   *[other] Dan { $count } lagi, yang jalurnya ditentukan saat dikirim.
}
look-send = { $count ->
    [1] Kirim pesan
   *[other] Kirim { $count } pesan
}
look-contact = { $written } → { $name }, { $number }
look-group = { $written } → { $count } kontak dari grup { $name }
sent-notice = { $count ->
    [1] Pesan sedang dikirim.
   *[other] { $count } pesan sedang dikirim.
}

## Pesan
home-title = Tulis
home-all-modems = Semua modem
latest-title = Terkini
latest-empty = Belum ada apa-apa. Yang Anda kirim dan terima muncul di sini dengan sendirinya.
outbox-title = Kotak keluar
outbox-empty = Belum ada yang dikirim.
find-label = Cari pesan
find-hint = Kata, atau bagian nomor
find-do = Cari
find-nothing = Tidak ada yang cocok.
narrow-more = Saring daftar
narrow-state = Status
narrow-recipient = Nomor penerima
narrow-sender = Nomor pengirim
narrow-no-number = Ini bukan nomor telepon. Tulis misalnya +62 812 3456 7890.
narrow-no-day = Tanggal ini tidak ada. Tulis misalnya 2026-12-31.
narrow-days-turned = Tanggal pertama jatuh setelah tanggal terakhir.
narrow-waiting = Semua yang menunggu
narrow-went-wrong = Semua yang tidak sampai
inbox-title = Kotak masuk
outbox-batch = Pesan dari satu pengiriman.
outbox-all = Semua pesan terkirim
inbox-empty = Belum ada yang diterima. Pesan ke modem Anda muncul di sini dengan sendirinya.
csv-link = Unduh sebagai CSV
talks-title = Percakapan
talks-all = Semua percakapan
talks-open = Buka percakapan
talks-find = Cari percakapan
talks-find-hint = Nama, atau bagian nomor
talks-empty = Belum ada percakapan. Kirimlah pesan kepada seseorang; jawabannya muncul di bawahnya.
talks-unread = { $count ->
    [100] 100 baru atau lebih
   *[other] { $count } baru
}
talks-which = Percakapan yang ditampilkan
talks-open-ones = Terbuka
talks-mine = Ditugaskan kepada saya
talks-unassigned = Belum ditugaskan
talks-archived = Diarsipkan
talks-blocked = Diblokir
talks-empty-mine = Tidak ada percakapan terbuka yang ditugaskan kepada Anda. Buka sebuah percakapan dan tugaskan kepada Anda sendiri di bagian “Penanganan”.
talks-empty-unassigned = Semua percakapan terbuka sudah ditugaskan.
talks-empty-archived = Tidak ada percakapan yang diarsipkan. Yang Anda arsipkan keluar dari daftar sampai ada pesan baru.
talks-empty-blocked = Tidak ada nomor yang diblokir. Pesan dari nomor yang diblokir disimpan di sini dan tidak dijawab secara otomatis.
talk-log = Pesan, yang terbaru di bawah
talk-empty = Belum ada percakapan dengan nomor ini.
talk-contact = Kontak
talk-missed-call = Panggilan tak terjawab
talk-via = Dikirim lewat { $modem }.
talk-assigned = Ditangani { $name }
talk-is-archived = Diarsipkan
talk-is-blocked = Diblokir
talk-is-muted = Disenyapkan
talk-team = Penanganan
talk-assign = Tugaskan kepada
talk-nobody = Tidak seorang pun
talk-note = Catatan untuk rekan
talk-note-keep = Simpan catatan
talk-note-hint = Catatan tampil di percakapan ini dan tidak pernah dikirim.
talk-note-by = Catatan { $name }
talk-archive = Arsipkan
talk-unarchive = Kembalikan ke daftar
talk-mute = Senyapkan
talk-unmute = Bunyikan lagi
talk-block = Blokir nomor ini
talk-unblock = Buka blokir nomor ini
talk-block-hint = Pesan dari nomor yang diblokir disimpan di “Diblokir”, tidak dihitung sebagai pesan baru, dan tidak dijawab oleh layanan kata kunci maupun endpoint mana pun.
talk-done-archived = Percakapan diarsipkan.
talk-done-unarchived = Percakapan kembali ke daftar.
talk-done-muted = Percakapan disenyapkan untuk Anda.
talk-done-unmuted = Percakapan tidak lagi disenyapkan.
talk-done-blocked = Nomor diblokir.
talk-done-unblocked = Blokir nomor dibuka.
talk-done-unassigned = Percakapan tidak ditugaskan kepada siapa pun.
talk-done-assigned = Ditugaskan kepada { $name }
talk-done-noted = Catatan tersimpan di percakapan.
talk-not-theirs = Orang yang Anda pilih tidak lagi dapat membaca atau menjawab percakapan ini.
talk-bad-note = Catatan berisi 1 sampai { $most } karakter.
talk-too-many-notes = Percakapan ini sudah memiliki { $most } catatan, dan itu yang terbanyak.
talk-too-many-mutes = Anda sudah menyenyapkan { $most } percakapan, dan itu yang terbanyak. Bunyikan lagi salah satunya lebih dulu.
talk-writing = { $name } sedang menulis
talk-answered = { $name } sudah mengirim pesan ke nomor ini setelah Anda membuka percakapan. Lihat jawabannya di atas; pesan Anda belum dikirim.
talk-answered-by-somebody = Seseorang sudah mengirim pesan ke nomor ini setelah Anda membuka percakapan. Pesan Anda belum dikirim.
talk-send-anyway = Tetap kirim
message-title = Pesan kepada { $to }
message-whole = Baca semuanya
message-received-on = di { $number }
message-timeline = Riwayat
message-parts = Bagian
message-recipient = Penerima
message-short-code = Kode pendek: layanan dari jaringan, bukan nomor telepon
message-imported = Dibawa dari
message-number = Nomor pesan
message-id = ID pesan
message-trace = Jejak (trace)
message-sim = SIM
message-rule = Aturan yang memilih jalur
message-batch = Semua pesan dari pengiriman ini
message-part-sent = Bagian { $part } diterima jaringan pada { $at }, lewat { $modem }.
message-part-waits = Bagian { $part } belum diterima jaringan.
message-part-report = Laporan { $at }: { $text }.
message-cost = Biaya
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
waits-no-credit = Saldo akun tidak cukup untuk pesan ini. Pesan dikirim begitu saldo ditambah.
waits-credit-unknown = Saat ini belum diketahui apakah saldo akun cukup. Sebentar lagi dicoba lagi.
waits-unchecked = Pesan ini sudah diterima dan segera diperiksa. Kalau lama, mungkin router tidak berjalan.
waits-scheduled = Pesan ini dijadwalkan untuk nanti.
waits-new-recipient = Tidak ada SIM yang boleh mengirimnya kepada penerima baru saat ini: semuanya sudah mencapai jumlah penerima berbeda bulan ini. Pesan ini dicoba lagi.
waits-try-failed = Percobaan terakhir gagal. { $reason }
waits-account-limit = Akunnya sudah mengirim sebanyak yang dibolehkan batasnya.
waits-account-closed = Akunnya tidak mengirim sampai { $until } karena { $limit }. Setelah itu pesan ini terkirim dengan sendirinya.
waits-recipient-limit = Nomor ini sudah dikirimi sebanyak yang dibolehkan untuk satu nomor.
waits-double = Teks yang sama baru saja dikirim ke nomor yang sama. Batalkan kalau tidak sengaja.
waits-rule = Pesan ini ditahan oleh sebuah aturan.
waits-pool-away = Pesan ini menunggu karena tidak ada modem yang aktif di kelompok { $pool }. Begitu ada, ia terkirim dengan sendirinya.
waits-sim-away = Pesan ini menunggu karena SIM yang harus dipakainya ada di { $modem }, yang sedang tidak aktif. Begitu aktif, ia terkirim dengan sendirinya.
waits-sim-unknown = Pesan ini menunggu karena SIM yang harus dipakainya tidak ada di modem mana pun. Begitu ada di modem yang aktif, ia terkirim dengan sendirinya.
waits-sim-closed = Pesan ini menunggu SIM yang harus dipakainya, yang tidak mengirim sampai { $until } karena { $limit }. Setelah itu ia terkirim dengan sendirinya.
waits-pool-closed = Pesan ini menunggu karena semua SIM yang boleh mengirimnya sedang tidak mengirim. Yang pertama mengirim lagi pada { $until }: ia mematuhi { $limit }.
closed-per-minute = batas { $most } pesan per menit
closed-per-hour = batas { $most } pesan per jam
closed-per-day = batas { $most } pesan per hari
closed-per-month = batas { $most } pesan per bulan
closed-spend-per-day = batas pengeluaran { $most } per hari
closed-spend-per-month = batas pengeluaran { $most } per bulan
closed-recipients-per-month = batas { $most } penerima berbeda per bulan
closed-quiet = jam tenang
closed-unknown = sebuah batas
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
line-admitted-rule = { $parts ->
    [1] Masuk antrean sebagai satu bagian, menurut aturan { $rule }: { $way }.
   *[other] Masuk antrean sebagai { $parts } bagian, menurut aturan { $rule }: { $way }.
}
line-admitted-team = { $parts ->
    [1] Masuk antrean sebagai satu bagian. Kartu SIM ini milik tim { $team }.
   *[other] Masuk antrean sebagai { $parts } bagian. Kartu SIM ini milik tim { $team }.
}
line-rejected = Ditolak: { $reason }
line-held-schedule = Menunggu sampai { $until }: dijadwalkan.
line-held-backoff = Menunggu sampai { $until }: percobaan terakhir gagal.
line-held-route = SIM lain dipilihkan untuknya.
line-held-credit = Menunggu saldo: saldo akun tidak cukup.
line-held-credit-unknown = Menunggu sebentar: belum diketahui apakah saldo akun cukup.
line-held-limit = Menunggu sampai { $until }: akunnya sudah mengirim sebanyak yang dibolehkan batasnya.
line-held-recipient = Menunggu sampai { $until }: nomornya sudah dikirimi sebanyak yang dibolehkan untuk satu nomor.
line-held-double = Menunggu sampai { $until }: teks yang sama baru saja dikirim ke nomor yang sama.
line-held-other = Menunggu sampai { $until }: ditahan oleh sebuah aturan.
line-released = Menunggu modem yang kosong.
line-deferred = Percobaan { $tries } gagal: { $reason } Dicoba lagi pukul { $until }.
line-handed-on = Diserahkan: SIM ini untuk sementara tidak mengirim ke penerima baru, dan SIM lain mungkin bisa.
line-new-recipient = Menunggu sampai { $until }: tidak ada SIM yang boleh mengirimnya kepada penerima baru saat ini.
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
gateway-title = Seluruh gateway
gateway-running = Pesan dikirim, dan pesan masuk diteruskan ke endpoint dan layanan.
gateway-suspended = Ditangguhkan: tidak ada modem yang mengirim. Pesan masuk tetap disimpan.
gateway-isolated = Diisolasi: pesan masuk disimpan dan tidak diteruskan ke endpoint atau layanan mana pun sampai dilanjutkan. Pesan keluar tetap dikirim.
gateway-suspend = Tangguhkan: jangan kirim apa pun
gateway-isolate = Isolasi: jangan teruskan pesan masuk ke program
gateway-resume = Lanjutkan
gateway-did-suspend = Gateway ditangguhkan.
gateway-did-isolate = Gateway diisolasi.
gateway-did-resume = Gateway berjalan lagi.
modem-ready = Siap
modem-sending = Mengirim
modem-starting = Sedang disiapkan
modem-searching = Mencari jaringan
modem-blocked = Perlu tindakan
modem-degraded = Bermasalah
modem-offline = Tidak aktif
modem-disabled = Dinonaktifkan
modem-disabled-hint = Tidak mengirim apa pun. Pesan yang diterima tetap disimpan.
modem-closed-to-new = SIM-nya tidak mengirim kepada penerima baru sampai { $until } karena { $limit }; kepada penerima bulan ini ia tetap mengirim.
modem-closed = SIM-nya tidak mengirim sampai { $until } karena { $limit }.
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
modem-signal-hour = Sinyal satu jam terakhir: dari { $weakest } sampai { $strongest } dBm
modem-limits = Batas kartu SIM
modem-used-minute = { $used } dari { $most } menit ini
modem-used-hour = { $used } dari { $most } jam ini
modem-used-day = { $used } dari { $most } hari ini
modem-used-month = { $used } dari { $most } bulan ini
modem-used-recipients = { $used } dari { $most } penerima bulan ini
modem-used-spend-day = { $used } dari { $most } dibelanjakan hari ini
modem-used-spend-month = { $used } dari { $most } dibelanjakan bulan ini
modem-number-ask = Kartu SIM ini tidak tahu nomornya sendiri. Berapa nomornya?
modem-test = Coba kirim
modem-test-lead = Satu pesan ke telepon Anda sendiri lewat kartu SIM ini. Biayanya seperti pesan biasa. Setelah itu perjalanannya terlihat langkah demi langkah.
modem-test-to = Nomor telepon Anda
modem-test-words = Teks
modem-test-text = Uji coba Merpati lewat { $name }
modem-test-send = Kirim uji coba
modem-enable-hint = Modem mengirim lagi.
modem-disable-hint = Modem tidak mengambil pesan baru, menyelesaikan yang sudah dimulai, dan menyimpan yang diterimanya, juga setelah dimulai ulang.
modem-restart-hint = Menyiapkan modem dari awal, setelah pesan yang sedang dikirim.
modem-reset-hint = Mematikan dan menyalakan modemnya sendiri; perlu waktu sampai satu menit.
modem-flight-hint = Tanpa radio, modem tidak mengirim dan tidak menerima.
modem-forget-hint = Menghapus modem yang tidak akan kembali dari daftar.
modem-sim-page = Kartu SIM: kelompok, batas, siapa yang boleh memakainya
modem-codes = USSD: pulsa dan menu
modem-ussd-hint = Kode seperti *888#. Kalau jaringan menjawab dengan menu, pilihan Anda ditanyakan. Kode bisa memakan biaya.
modem-ussd-answer = Jawaban Anda untuk jaringan
modem-ussd-answer-hint = Jaringan menunggu jawaban, kira-kira satu menit. Selama itu modem tidak mengirim.
modem-settings = Nama, nomor, pusat layanan
modem-at = Perintah AT
modem-at-command = Perintah
modem-at-submit = Tanyakan ke modem
modem-at-hint = Satu baris yang dimulai dengan AT, misalnya AT+CSQ. Perintah yang mengirim, menelepon, atau memasukkan PIN ditolak. Perintah ini dicatat di log audit.
modem-answer-cut = Hanya bagian awalnya yang ditampilkan.
modem-trace = Rekaman jalur serial
modem-trace-hint = Halaman menunggu sampai waktunya habis. Rekaman memuat nomor telepon dan isi pesan, tetapi tidak memuat PIN: periksa dulu sebelum Anda memberikannya kepada orang lain. Rekaman dicatat di log audit.
modem-lines-open = Lihat baris terakhir antara driver dan modem (tanpa data pribadi)
modem-lines-title = { $name }: baris terakhir
modem-lines-back = Modem ini
modem-lines-lead = Baris terakhir antara driver dan modem, yang terbaru di atas. PIN, isi pesan, dan PDU tidak ditampilkan, dan nomor hanya ditampilkan awalannya.
modem-lines-live = Ditampilkan langsung paling lama dua menit.
modem-lines-stop = Berhenti
modem-lines-watch = Pantau selama dua menit
modem-lines-none = Belum ada baris.
modem-lines-written = dari driver
modem-lines-read = dari modem
modem-trace-seconds = Detik
modem-trace-show = Rekam dan tampilkan
modem-trace-file = Rekam ke berkas
modem-identity = Port, IMEI, dan nomor kartu SIM
modem-firmware = Firmware
modems-any = Semua keadaan
modems-attention = Perlu tindakan
modems-are-online = Aktif
modems-any-pool = Semua kelompok
modems-words = Nama, nomor, port, atau jaringan
modems-state = Keadaan
modems-seek = Tampilkan
modems-all = Tampilkan semua
modems-found = { $found } dari { $all } modem.
modems-more = { $count ->
   *[other] { $count } modem lagi tidak ditampilkan. Cari menurut nama, keadaan, atau kelompok.
}
modems-none-such = Tidak ada modem yang seperti itu.
modems-add = Tambah modem
modems-add-step-plug = 1. Colokkan
modems-add-plug = Pasang kartu SIM di modem, lalu colokkan modem ke komputer gateway. Modem ditemukan sendiri dan muncul dalam daftar di bawah dalam beberapa detik.
modems-add-again = Lihat lagi
modems-add-host = Modem di komputer lain: jalankan merpati modem-driver di sana, dengan alamat broker gateway ini.
modems-add-step-found = 2. Yang ditemukan
modems-add-nothing = Belum ada modem yang ditemukan.
modems-add-a-modem = Sebuah modem
modems-add-silent = Tidak ada modem yang menjawab.
modems-add-open = Buka
modems-add-look = Modem Anda tidak ada dalam daftar? Jalankan ini di komputernya: semua port yang terlihat disebutkan, beserta alasan kalau ada yang tidak dipakai.
modems-add-step-say = 3. Yang diperlukan dari Anda
modems-add-say = PIN, nomor, atau pusat layanan ditanyakan di sini; masalah lain disertai cara mengatasinya.
modems-add-asks-nothing = Tidak ada modem yang memerlukan sesuatu.
modems-add-step-test = 4. Coba
modems-add-test = “Coba kirim” dalam daftar mengantar Anda ke pesan uji coba ke telepon Anda sendiri, yang bisa diikuti langkah demi langkah.
modems-port-at = { $port } di { $host }
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
problem-limit-not-counted = Pesan ini tidak dapat dihitung untuk batas kartu SIM.
problem-limit-not-counted-advice = Dicoba lagi dengan sendirinya. Kalau lama, periksa apakah broker berjalan.
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
refused-no-number = Nomornya tidak ada.
refused-barred = Jaringan tidak mengizinkan kartu SIM ini mengirim pesannya, sering kali karena pulsa habis.
refused-busy = Jaringan sedang terganggu atau penuh.
refused-unreachable = Penerima tidak dapat dijangkau.
refused-unidentified = Jaringan tidak mengenal kartu SIM ini atau penerimanya.
refused-malformed = Jaringan atau modem tidak menerima bentuk pesannya.
refused-on-the-way = Pesan hilang di antara dua jaringan.
refused-destination = Kartu SIM ini tidak boleh mengirim ke nomor itu.
refused-unsaid = Pesan ditolak tanpa penjelasan.
refused-modem = Modem belum siap menerima pesan.
refused-restarted = Modem menyala ulang ketika memegang pesan.
refused-not-out = Pesan tidak terkirim.
refused-sim-away = Kartu SIM yang dipilih untuk pesan ini tidak mengirimnya.
refused-opted-out = Penerima meminta agar tidak dikirimi lagi.
refused-impossible = Nomor seperti itu tidak mungkin ada.
refused-not-allowed = Pesan ke jenis nomor itu tidak diizinkan di sini.
refused-long = Teksnya terlalu panjang.
refused-check-number = Periksa nomor penerima.
refused-check-credit = Periksa pulsa kartu SIM, dan apakah tarifnya mengizinkan SMS ke nomor itu.
refused-wait = Tunggu: pesan dicoba lagi dengan sendirinya.
refused-again = Kirim lagi beberapa saat kemudian.
refused-unclear = Pesan mungkin sudah terkirim: tanyakan kepada penerima sebelum mengirim lagi.
refused-try-later = Periksa nomor penerima, lalu coba lagi nanti.
refused-check-sim = Periksa apakah kartu SIM sudah aktif, dan nomor penerimanya.
refused-plain = Kirim tanpa pilihan khusus, dengan karakter GSM.
refused-ask-operator = Tanyakan kepada operator apakah kartu SIM ini boleh mengirim ke nomor itu.
refused-modem-advice = Tunggu; bila tetap begitu, nyalakan ulang modem dan periksa catu dayanya.
refused-opted-out-advice = Ia dikirimi lagi setelah memintanya sendiri.
refused-not-allowed-advice = Pengelola gateway dapat mengizinkannya di konfigurasi, bagian numbers.
refused-shorter = Kirim teks yang lebih pendek, atau beberapa pesan.
report-cannot-take = Ponsel penerima tidak dapat menerima pesan seperti itu.
report-plain = Kirim teks biasa tanpa pilihan khusus.
report-phone-rejected = Ponsel penerima menolak pesan.
report-expired = Ponsel penerima tidak berada di jaringan selama pesan masih berlaku.
report-expired-advice = Kirim lagi dengan masa berlaku yang lebih lama.
report-no-answer = Ponsel penerima sibuk atau tidak menjawab.
report-gave-up = Jaringan menyerah karena alasannya sendiri.
problem-account-disabled = Akunnya dinonaktifkan, jadi pesan tidak dikirim.
problem-account-disabled-advice = Administrator dapat mengaktifkannya kembali.
problem-sim-not-allowed = Akunnya tidak boleh mengirim lewat kartu SIM ini.
problem-sim-not-allowed-advice = Pilih kartu lain, atau hubungi administrator.
problem-sim-of-team = Kartu SIM ini milik sebuah tim: hanya pesan anggotanya yang dikirim lewat kartu ini.
problem-sim-of-team-advice = Pilih kartu lain, atau minta administrator memasukkan akun ini ke dalam tim.
problem-team-sims-only = Tim akun ini hanya mengirim lewat kartu SIM miliknya sendiri.
problem-team-sims-only-advice = Jangan pilih kartu SIM atau pool, atau minta administrator memberi tim ini kartu SIM.
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
sim-pool = Kelompok
sim-pool-hint = Pesan yang tidak menyebut SIM dikirim lewat kelompok. SIM yang bukan untuk semua orang tidak ada di kelompok mana pun.
sim-readers = Membaca pesan yang diterima
sim-readers-hint = Administrator selalu boleh membacanya. Ingat: kode sekali pakai dari bank dan layanan lain juga masuk ke sini.
sim-everybody = Semua orang
sim-save = Simpan
sim-done = Tersimpan.
sim-team = Tim
sim-team-hint = Kartu SIM ini milik sebuah tim. Hanya anggota tim itu yang mengirim lewat kartu ini dan membaca pesan yang masuk; administrator juga dapat membacanya. Tim:
limits-title = Seberapa banyak kartu ini mengirim
limits-hint = Yang dihitung bagian pesan, seperti hitungan jaringan: teks tiga bagian dihitung tiga. Kolom kosong tidak membatasi. Kalau sebuah batas tercapai, kartu lain di kelompoknya mengambil alih, dan pesan yang harus lewat kartu ini menunggu.
limits-minute = Paling banyak per menit
limits-hour = Paling banyak per jam
limits-day = Paling banyak per hari
limits-month = Paling banyak per bulan
limits-recipients = Paling banyak penerima berbeda per bulan
limits-price = Biaya satu bagian
limits-spend-day = Paling banyak dibelanjakan per hari
limits-spend-month = Paling banyak dibelanjakan per bulan
limits-price-hint = Dalam satuan utuh uang yang dipakai membayar kartu. Kartu yang sudah mencapai jumlah penerimanya bulan ini hanya mengirim kepada mereka.
limits-warm-up = Kartu baru: per hari pada awalnya
limits-warm-up-from = mulai
limits-warm-up-hint = Jaringan memblokir kartu baru yang langsung banyak mengirim. Jumlah per hari berlipat dua setiap minggu sampai jumlah biasanya. Tanpa tanggal, mulai hari ini.
limits-wrong-warm-up = Tanggal mulai kartu baru perlu jumlah pesan untuk hari itu. Tidak ada yang diubah.
limits-wrong-warm-up-number = Hari pertama kartu baru paling banyak { $most }, sebanyak hari lainnya. Tidak ada yang diubah.
limits-quiet-from = Tenang dari
limits-quiet-to = sampai
limits-quiet-hint = Dalam jam tenang hanya kode sekali pakai yang dikirim.
limits-zone = Zona waktu
limits-zone-hint = Nama seperti Asia/Jakarta. Kosong: zona komputer modemnya.
limits-used = Sejauh ini: { $minute } menit ini, { $hour } jam ini, { $day } hari ini, { $month } bulan ini.
limits-used-recipients = Penerima berbeda bulan ini: { $recipients }.
limits-used-spend = Dibelanjakan: { $day } hari ini, { $month } bulan ini.
limits-save = Simpan batas
limits-done = Batas tersimpan.
limits-wrong-number = Batas adalah bilangan bulat dari 1 sampai { $most }. Tidak ada yang diubah.
limits-wrong-order = Batas untuk waktu yang lebih pendek { $above } dan untuk yang lebih panjang hanya { $below }, jadi tidak akan pernah tercapai. Turunkan yang pertama atau naikkan yang kedua. Tidak ada yang diubah.
limits-wrong-no-price = Isi biaya satu bagian, atau kosongkan kedua jumlah belanja. Tidak ada yang diubah.
limits-wrong-below-price = Satu bagian berbiaya { $price } dan hanya { $most } yang boleh dibelanjakan, jadi tidak ada yang bisa dikirim. Tidak ada yang diubah.
limits-wrong-quiet = Jam tenang perlu dua waktu yang berbeda, misalnya 22:00 dan 06:00. Tidak ada yang diubah.
limits-wrong-zone = Tidak ada zona waktu bernama “{ $found }”. Zona bernama seperti Asia/Jakarta. Tidak ada yang diubah.
limits-wrong-zone-nearest = Tidak ada zona waktu bernama “{ $found }”. Maksudnya { $nearest }? Tidak ada yang diubah.

## Akun
account-title = Akun
account-name = Masuk sebagai { $name }
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
keys-all-keys = Semua kunci
keys-requests = Permintaan terakhir
keys-requests-lead = Paling banyak { $most } permintaan terakhir sejak server ini dijalankan. Isinya tidak disimpan.
keys-requests-none = Belum ada permintaan dengan kunci ini sejak server dijalankan. Jika program Anda tidak mendapat jawaban, periksa alamat dan kunci yang dipakainya.
copy = Salin
copied = Tersalin
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
power-opt-outs-read = Melihat siapa yang berhenti menerima pesan
power-opt-outs-manage = Menentukan nomor yang tidak lagi dikirimi pesan, dan yang dikirimi lagi
power-shared-manage = Mengubah kontak, grup, dan templat milik bersama
power-routes-read = Melihat dan mencoba aturan jalur pesan
power-routes-manage = Mengubah aturan jalur pesan dan kelompok
power-credits-read = Melihat saldo sendiri, dan harga pesan
power-credits-manage = Memberi akun saldo, dan menentukan harga pesan
power-services-read = Melihat layanan kata kunci
power-services-write = Membuat, mengubah, dan menghapus layanan kata kunci
power-contacts-read = Melihat kontak dan grup
power-contacts-write = Membuat dan mengubah kontak dan grup
power-templates-read = Melihat templat
power-templates-write = Membuat dan mengubah templat
power-schedules-read = Melihat jadwal
power-schedules-write = Membuat dan mengubah jadwal
power-broadcasts-read = Melihat siaran
power-broadcasts-write = Membuat dan memulai siaran
power-keys-manage = Membuat dan mencabut kunci
power-users-manage = Mengelola akun
power-audit-read = Membaca catatan audit
power-reports-read = Melihat berapa banyak pesan yang sampai, gagal, dan seterusnya
power-history-import = Membawa pesan dari gateway lain
power-gateway-operate = Mengoperasikan gateway
password-title = Kata sandi
password-old = Kata sandi saat ini
password-new = Kata sandi baru
password-change = Ganti kata sandi
password-changed = Kata sandi Anda sudah diganti. Semua sesi lain diakhiri.
password-short = Kata sandi perlu paling sedikit { $least } karakter.
password-long = Kata sandi paling banyak { $most } karakter.
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
webhooks-bad-url = Ini bukan URL yang dapat dipanggil: URL diawali https:// atau http://. Dengan mailto: itu satu alamat email, dan gateway harus punya server email.
webhooks-url-hint = URL https://, atau mailto: dan sebuah alamat, misalnya mailto:ops@shop.example: yang diterima lalu dikirim sebagai email.
webhooks-not-by-mail = Melalui email dikirim yang diterima dan masalah gateway: sms.received, ussd.received, call.missed, alert.opened, dan alert.closed.
webhooks-mail-of-administrators = Hanya administrator yang dapat membuat webhook ke alamat email.
webhooks-mailed = Server email menerimanya.
webhooks-twilio = Program ini ditulis untuk Twilio: kirim formulir kepadanya, dan baca TwiML
webhooks-reply = Kirim jawabannya atas pesan masuk kembali ke pengirim
webhooks-replies = Jawabannya atas pesan masuk dikirim kembali ke pengirim.
webhooks-silent = Jawabannya tidak dikirim kembali.
webhooks-answer = Kirim jawabannya kembali ke pengirim
webhooks-silence = Jangan kirim jawabannya kembali
webhooks-replied = Jawabannya sudah dikirim kembali.
webhooks-not-replied = Jawabannya tidak dikirim kembali:
webhooks-form = Pemberitahuannya dalam bentuk { $form }.
webhooks-no-answers = Hanya jawaban atas sms.received yang dapat dikirim kembali: pilih juga kejadian itu.
webhooks-not-in-form = Twilio hanya mengenal pesan, jadi program seperti itu tidak diberi tahu tentang { $event }.
webhooks-full = Yang menunggu sudah sebanyak yang boleh. Kirim lagi setelah sebagian diterima.
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
services-lead = Ketika datang pesan yang kata pertamanya sebuah kata kunci, atau yang cocok dengan suatu ekspresi, gateway memanggil program Anda atau menjawab sendiri.
services-none = Belum ada layanan kata kunci.
services-order = Yang pertama cocok mengambil pesan, menurut urutan ini: yang sedang bertanya kepada pengirimnya, lalu kata kunci, lalu ekspresi reguler menurut urutannya, lalu kata kunci default.
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
services-argument-hint = Kode Kannel boleh ada di dalam URL: %a adalah teks, %q pengirim, %t waktu. Di dalam teks, isian ini diisi: {"{"}from{"}"}, {"{"}text{"}"}, {"{"}keyword{"}"}, {"{"}rest{"}"}, {"{"}word1{"}"} … {"{"}word9{"}"}, {"{"}time{"}"}, {"{"}sim{"}"}.
services-with-body = Kirim teks biasa yang dijawab URL kembali ke pengirim
services-omit-empty = Jangan kirim apa pun bila jawabannya kosong
services-parts = Balasan paling banyak sekian bagian; 0: tidak ada yang dikirim kembali
services-back = Balasan paling banyak { $parts } bagian.
services-back-nothing = Tidak ada yang dikirim kembali.
services-opted-out = Tidak ada yang dikirim kembali: pengirim minta berhenti menerima pesan.
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
services-conditions = Menurut ekspresi, kartu SIM, pengirim, waktu
services-match = Ekspresi reguler sebagai ganti kata kunci
services-match-hint = Dicocokkan dengan seluruh teks, huruf besar dan kecil sama saja, dan ditanya setelah semua kata kunci. Kosongkan kata kuncinya.
services-place = Urutan di antara ekspresi: yang terkecil ditanya lebih dulu
services-of-sim = Hanya yang datang ke kartu SIM ini (id-nya)
services-of-sender = Hanya dari pengirim yang diawali
services-when = Hanya pada waktu ini
services-when-hint = Hari (mon tue wed thu fri sat sun), jam, dan zona waktu, misalnya mon-fri 08:00-17:00 Asia/Jakarta.
services-takes-match = Layanan { $name } mengambil pesan ini. Ekspresinya: { $pattern }
services-conflict-keyword = Layanan { $name } juga memakai kata kunci { $keyword }: bila keduanya boleh membaca suatu pesan, yang lebih lama mengambilnya.
services-conflict-match = Layanan { $name } memakai ekspresi yang sama: bila keduanya boleh membaca suatu pesan, yang urutannya lebih kecil mengambilnya, dan bila sama, yang lebih lama.
services-keyword-or-match = Tulis kata kunci atau ekspresi reguler, salah satu.
services-bad-match = Ini bukan ekspresi reguler yang dapat dipakai: { $why }.
services-match-empty = kosong; .* mengambil semua teks
services-match-long = lebih dari { $most } karakter
services-match-invisible = ada karakter yang tidak terlihat; tulis \n atau \s
services-match-large = hasilnya terlalu besar; kurangi pengulangannya, atau jangan memakai karakter dari semua abjad
services-match-at = { $what }, pada karakter ke-{ $at }
services-fault-group-open = ada kurung yang dibuka dan tidak ditutup
services-fault-group-close = ada kurung yang ditutup padahal tidak dibuka
services-fault-class-open = kurung siku [ tidak ditutup
services-fault-class-range = urutan karakter dalam rentang terbalik
services-fault-nothing-repeated = tidak ada yang dapat diulang sebelum *, +, atau ?
services-fault-count = angka atau kurung tutup kurang setelah {"{"}
services-fault-count-range = urutan angka pengulangan terbalik
services-fault-escape = ini tidak berarti apa-apa setelah garis miring terbalik; garis miring terbalik sendiri ditulis \\
services-fault-look-around = ekspresi melihat ke depan atau ke belakang, dan itu tidak dapat dipakai di sini
services-fault-back-reference = ekspresi merujuk kembali ke kelompok, dan itu tidak dapat dipakai di sini
services-fault-other = penulisannya bukan penulisan ekspresi
services-bad-place = Urutan adalah angka dari 1 sampai { $most }.
services-bad-from = Awal pengirim terdiri dari 1 sampai { $most } karakter tanpa spasi, misalnya +628.
services-bad-when = Ini bukan waktu: { $why }.
services-times-form = tulis hari, jam, dan zona, misalnya mon-fri 08:00-17:00 Asia/Jakarta
services-times-day = “{ $day }” bukan hari; harinya mon, tue, wed, thu, fri, sat, sun
services-times-hours = “{ $hours }” bukan jam; tulis misalnya 08:00-17:00
services-times-zone = “{ $zone }” bukan zona waktu; tulis misalnya Asia/Jakarta atau UTC
services-bad-template = Teksnya tidak dapat dipakai: { $why }.
services-field-unknown = tidak ada isian { $field }; maksudnya { $nearest }? Yang ada { $fields }, dan kurung kurawal yang harus tetap ada ditulis dua kali
services-field-open = kurung kurawal pada karakter ke-{ $at } tidak ditutup; yang harus tetap ada ditulis dua kali
services-forwards = Meneruskan teks ke nomor lain
services-subscribes = Memasukkan pengirim ke grup kontak
services-unsubscribes = Mengeluarkan pengirim dari grup kontak
services-numbers = Untuk meneruskan: nomor-nomornya, dipisahkan koma
services-group = Untuk grup kontak: nama grupnya; teks di atas dikirim kembali, bila ada
services-would-forward = Yang akan diteruskan:
services-would-subscribe = Pengirim akan dimasukkan ke grup kontaknya.
services-would-unsubscribe = Pengirim akan dikeluarkan dari grup kontaknya.
services-forward-to = Tulis 1 sampai { $most } nomor tujuan penerusan.
services-no-phone = { $number } bukan nomor telepon yang dapat menerima penerusan.
services-forward-to-ourselves = { $number } adalah salah satu kartu SIM gateway ini sendiri, dan ke sana tidak ada yang diteruskan.
services-no-such-group = Tidak ada grup { $name } milik Anda.
services-runs = Menjalankan program dari konfigurasi gateway
services-would-run = Yang akan dijalankan:
services-bad-exec = Baris perintahnya tidak dapat dipakai: { $why }.
services-command-long = lebih dari { $most } karakter atau { $arguments } argumen
services-command-path = tidak diawali jalur lengkap sebuah program, misalnya /usr/local/bin/stock
services-program-not-allowed = { $program } tidak ada di services.programs dalam konfigurasi gateway. Tambahkan di sana lebih dulu.
services-votes = Menghitung suara
services-options = Untuk pemungutan suara: pilihannya, dipisahkan spasi; pengirim menulis salah satu setelah kata kunci
services-vote-counts = Suara
services-would-vote = Suara yang akan dihitung:
services-bad-options = Tulis 2 sampai { $most } pilihan, masing-masing satu kata sepanjang paling banyak { $longest } karakter.
services-quizzes = Menanyakan jawaban yang benar: kuis
services-surveys = Mengajukan pertanyaan satu per satu: survei
services-scenarios = Menjawab menurut kata-kata setelah kata kunci
services-boards = Menyimpan teks di papan
services-inboxes = Menaruh pesan di kotak masuk
services-to-groups = Meneruskan teks ke sebuah grup kontak
services-kinds = Untuk kuis, survei, skenario, papan, kotak masuk, dan grup
services-lines = Pertanyaan atau jawaban, satu per baris
services-lines-hint = Kuis dan survei: PERTANYAAN = JAWABAN, JAWABAN; pertanyaan survei boleh sendiri. Skenario: KATA = JAWABAN. Teks di atas dikirim kembali untuk jawaban benar, setelah survei, atau bila tidak ada kata yang cocok.
services-otherwise = Dikirim kembali untuk jawaban salah, atau bila tidak ada akun yang disebut (boleh kosong)
services-once = Kuis: hanya jawaban pertama pengirim yang dihitung
services-leave = Survei: kata yang mengakhirinya
services-minutes = Survei: berapa menit sebuah pertanyaan menunggu jawabannya
services-address = Papan: alamat publiknya; * untuk alamat yang tidak dapat ditebak; kosong: hanya untuk yang masuk
services-shown = Papan: berapa teks terakhir yang ditampilkan
services-users = Kotak masuk: nama akun, dipisahkan koma
services-named = Kotak masuk: pesan menyebut akunnya, seperti @NAMA teks
services-pin = Grup: PIN di antara kata kunci dan teks; kosong: yang sudah ada tetap berlaku
services-senders = Grup: nomor yang boleh mengirim, dipisahkan koma; tanpa PIN, setiap kali sebuah kode dikirim ke sana dan harus dibalas
services-asks = Sebuah layanan sedang bertanya kepada pengirim ini, maka pesannya untuk layanan itu sebelum kata kunci dilihat.
services-would-keep = Yang akan disimpan:
services-would-keep-right = Jawaban ini akan disimpan, dan benar:
services-would-keep-wrong = Jawaban ini akan disimpan, dan salah:
services-would-inbox = Pesannya akan ditaruh di kotak masuk.
services-would-to-group = Teksnya akan dikirim ke grup, bila PIN atau kodenya benar.
services-bad-questions = Tulis 1 sampai { $most } pertanyaan, satu di setiap baris.
services-long-line = Satu baris paling banyak { $most } karakter.
services-no-question = Pertanyaan berisi teks sebelum jawabannya.
services-bad-answers = Satu pertanyaan paling banyak { $most } jawaban.
services-no-answer = Setiap pertanyaan punya jawaban benar: PERTANYAAN = JAWABAN, JAWABAN.
services-bad-scenario = Tulis 1 sampai { $most } baris.
services-no-line = Satu baris adalah KATA = JAWABAN.
services-bad-words = Satu baris dimulai dengan 1 sampai { $most } kata.
services-no-line-reply = Satu baris diakhiri dengan jawaban.
services-line-twice = Dua baris dimulai dengan kata yang sama.
services-bad-wait = Sebuah pertanyaan menunggu 1 sampai { $most } menit.
services-bad-leave = Survei diakhiri dengan satu kata sepanjang paling banyak { $most } karakter.
services-bad-shown = Papan menampilkan 1 sampai { $most } teks.
services-bad-address = Alamat papan terdiri dari 3 sampai { $most } huruf kecil, angka, dan tanda hubung; * membuat alamat yang tidak dapat ditebak.
services-public-match = Papan dengan alamat dapat dilihat semua orang, dan ekspresi mengambil pesan yang tidak ditulis untuknya. Beri layanan kata kunci, atau kosongkan alamat papan.
services-address-taken = Papan lain sudah memakai alamat { $address }. Pilih yang lain.
services-bad-inboxes = Tulis 1 sampai { $most } akun, atau biarkan pesan menyebutnya.
services-no-account = Tidak ada akun { $name } yang kotak masuknya dapat dipakai layanan ini.
services-bad-pin = Tulis siapa yang boleh mengirim ke grup: PIN, satu kata sepanjang { $shortest } sampai { $longest } karakter, atau paling banyak { $most } nomor.
services-entries = Yang disimpan
services-entries-of = Pertanyaan { $question }: { $count } disimpan, { $right } benar
services-entries-csv = Semuanya sebagai tabel (CSV)
services-entries-none = Belum ada yang disimpan.
services-entry-hide = Sembunyikan
services-entry-show = Tampilkan
services-entry-changed = Teksnya sudah dimoderasi.
services-clear = Lupakan semuanya
services-cleared = Yang disimpan layanan sudah dilupakan.
services-public = Papan ini dapat dilihat semua orang:
board-none = Belum ada yang ditulis di sini.
board-as = Sebagai teks, atau untuk program:
users-title = Pengguna
users-lead = Setiap orang melihat pesan yang dikirimnya sendiri; administrator melihat semuanya. Pesan yang diterima kartu SIM dibaca oleh administrator dan oleh mereka yang disebut di pengaturan kartu itu.
users-add = Tambah pengguna
users-name = Nama
users-password = Kata sandi
users-added = { $name } sudah bisa masuk.
users-taken = Nama itu sudah dipakai.
users-bad-name = Nama terdiri dari 1 sampai 64 karakter, tanpa spasi di awal dan akhir.
users-limits = Batas
users-local-limits = Seberapa banyak layanan mengirim tanpa menyebut akun
account-limits-title = Seberapa banyak { $name } mengirim
account-limits-hint = Yang dihitung bagian pesan, seperti pada kartu SIM, lewat jalan apa pun dikirim. Kolom kosong tidak membatasi. Selebihnya menunggu sampai batasnya terbuka, dan akun lain jalan terus.
account-limits-otp = Paling banyak kode sekali pakai per jam
account-limits-otp-hint = Kode itu lalu hanya dihitung dengan batas ini, dan pesan lain tidak mengambil tempatnya. Kosong: dihitung bersama yang lain.
account-limits-weight = Giliran dalam satu putaran
account-limits-weight-hint = Kalau beberapa akun menunggu modem yang sama, masing-masing mendapat satu giliran bergantian. Dengan 3, akun ini mendapat tiga giliran sementara yang lain satu. Kosong: satu.
account-limits-zone-hint = Nama seperti Asia/Jakarta. Kosong: zona komputer routernya.
account-limits-used-otp = Kode sekali pakai: { $hour } jam ini.
account-limits-closed = Tidak ada yang dikirim sampai { $until } karena { $limit }.
account-limits-wrong-weight = Giliran dalam satu putaran adalah bilangan bulat dari 1 sampai { $most }. Tidak ada yang diubah.

## Masuk
role-admin = administrator
role-operator = operator: modem dan gateway
role-manager = manajer: milik bersama
role-user = pengguna
role-read-only = hanya baca
role-service = program
login-code-title = Kode Anda
login-code = Kode yang tampil di ponsel, atau kode pemulihan
login-code-hint = Buka aplikasi autentikator di ponsel. Bila ponsel hilang, ketik salah satu kode pemulihan; administrator juga dapat membantu.
login-code-late = Terlalu lama, atau sudah berakhir. Silakan masuk lagi.
totp-title = Kode dari ponsel
totp-lead = Yang masuk mengetik kode yang tampil di ponselnya, di samping kata sandi. Program dengan kunci tetap seperti biasa.
totp-must = Peran Anda masuk dengan kode dari ponsel. Siapkan sekarang.
totp-step-app = Pasang aplikasi autentikator di ponsel bila belum ada.
totp-step-scan = Pindai ini dengannya, atau ketik kodenya:
totp-step-code = Ketik kode yang tampil sekarang:
totp-qr = Kode QR untuk aplikasi autentikator
totp-open = Buka di autentikator pada perangkat ini
totp-confirm = Siapkan
totp-wrong = Kode ini salah, atau sudah dipakai. Tunggu kode berikutnya.
totp-since = Disiapkan { $at }.
totp-is-on = Anda masuk dengan kode dari ponsel.
totp-codes-left = Tersisa { $count } kode pemulihan.
totp-codes-new = Buat kode pemulihan baru
totp-off-lead = Tanpa kode, kata sandi saja sudah cukup untuk masuk.
totp-off = Tanpa kode
totp-is-off = Sekarang Anda masuk hanya dengan kata sandi.
totp-required = Peran Anda harus memakai kode dari ponsel.
totp-roles = Peran yang harus memakai kode
totp-roles-lead = Yang berperan begitu dan belum punya kode diminta menyiapkannya saat masuk berikutnya, sebelum yang lain.
totp-roles-set-button = Simpan
totp-roles-set = Tersimpan. Berlaku mulai masuk berikutnya.
recovery-title = Kode pemulihan Anda
recovery-lead = Setiap kode berlaku sekali untuk masuk tanpa ponsel. Catat sekarang: tidak akan diperlihatkan lagi.
recovery-kept = Sudah saya catat
password-set = Kata sandi sudah dipasang. Silakan masuk.
password-of = Untuk { $name }
link-void = Tautan sudah dipakai, dicabut, atau terlalu lama. Mintalah yang lain kepada administrator.
invitation-title = Selamat datang di Merpati
invitation-lead = Anda diundang sebagai { $role }. Tentukan cara Anda masuk nanti.
invitations-title = Undangan
invitations-lead = Dengan tautan, seseorang membuat akunnya sendiri dan memilih kata sandi yang tidak diketahui orang lain. Berlaku sekali, selama tujuh hari.
invitations-label = Untuk siapa
invitations-make = Buat undangan
invitations-made = Inilah tautannya. Serahkan sekarang: tidak akan diperlihatkan lagi.
invitations-until = berlaku sampai { $at }
invitations-revoked = Undangan sudah dicabut.
invitations-too-many = Sudah ada { $most } undangan terbuka. Cabut salah satu dulu.
invitations-label-wrong = Nama undangan paling banyak { $most } karakter.
sessions-title = Sedang masuk di
sessions-none = Tidak ada yang sedang masuk.
sessions-browser = { $browser } di { $system }
sessions-unknown = peramban tak dikenal
sessions-seen = terakhir dipakai { $at }
sessions-present = yang ini
sessions-end = Keluarkan
sessions-end-all = Keluarkan dari semua tempat
sessions-end-others = Keluarkan dari semua tempat lain
sessions-ended = { $count } sesi sudah diakhiri.
acting-title = Lihat seperti mereka
acting-lead = Anda melihat halaman seperti mereka, paling lama satu jam. Anda dapat mengubah yang dapat mereka ubah, tetapi tidak mengirim dan tidak membuat kunci. Mereka melihat kapan itu terjadi, dan catatan audit memuat kedua nama.
acting-begin = Bertindak sebagai mereka
acting-banner = { $admin } bertindak sebagai { $name }: tidak ada yang dapat dikirim.
acting-end = Berhenti
acting-ended = Anda kembali menjadi diri sendiri.
acting-was = { $at } oleh { $name }
acting-session = administrator yang bertindak sebagai akun ini
acting-times = Kapan administrator bertindak sebagai Anda
users-all = Semua pengguna
users-role = Peran
users-role-hint = Peran baru langsung berlaku. Yang memegangnya dikeluarkan.
users-role-set = Tetapkan peran
users-disabled = dikunci
users-disable = Kunci
users-disable-hint = Yang dikunci tidak dapat masuk, dan kuncinya tidak berlaku. Pesan-pesannya tetap ada.
users-enable = Izinkan lagi
users-totp = dengan ponsel
users-totp-hint = Bila ponsel hilang: tanpa kode, kata sandi saja cukup sampai disiapkan lagi.
users-totp-off = Hapus kode dari ponsel
users-link-make = Buat tautan kata sandi baru
users-link-hint = Yang membuka tautan memilih kata sandi baru. Berlaku sekali, selama 24 jam.
users-link-made = Inilah tautannya. Serahkan sekarang: tidak akan diperlihatkan lagi.
users-seen = terakhir terlihat { $at }
users-never-seen = belum pernah masuk, dibuat { $at }
users-last-admin = Ini administrator terakhir yang dapat masuk. Buat yang lain dulu.
users-done = Selesai.

## Tim
teams-title = Tim
teams-lead = Pengguna dengan kartu SIM sendiri: hanya pesan mereka yang dikirim lewat kartu itu, dan merekalah yang membaca pesan masuknya.
teams-none = Belum ada tim. Tambahkan yang pertama di bawah, lalu tentukan anggota dan kartu SIM-nya di halaman tim itu.
teams-all = Semua tim
teams-add = Tambah tim
teams-name = Nama
teams-has = Anggota: { $users }, kartu SIM: { $sims }
teams-keeps-to = hanya lewat kartu SIM sendiri
teams-own-sims-only = Kirim hanya lewat kartu SIM milik tim. Jika tidak, anggotanya juga boleh memakai kartu yang bukan milik tim mana pun.
teams-users = Anggota
teams-users-hint = Manajer di dalam tim melihat pesan, percakapan, dan laporan semua anggotanya. Yang lain melihat miliknya sendiri dan pesan yang diterima kartu SIM tim.
teams-sims = Kartu SIM
teams-sims-hint = Satu kartu SIM hanya dapat dimiliki satu tim. Pesan yang sudah diterimanya sebelumnya juga dapat dibaca anggota tim. Kartu yang dikeluarkan dari tim dapat dipakai semua orang untuk mengirim.
teams-no-sims = Tidak ada kartu SIM yang bebas.
teams-remove = Hapus tim
teams-free-sims = Kartu SIM-nya tidak lagi milik siapa pun: semua orang dapat mengirim lewat kartu itu.
teams-added = Tim { $name } sudah dibuat. Tentukan anggota dan kartu SIM-nya.
teams-changed = Tim sudah disimpan.
teams-meanwhile = Seseorang mengubah tim ini sementara itu. Inilah isinya: ulangi perubahan Anda.
teams-removed = Tim sudah dihapus; anggotanya dan pesan mereka tetap ada.
teams-taken = Sudah ada tim dengan nama ini.
teams-too-many = Sudah ada { $most } tim, jumlah terbanyak yang diizinkan.
teams-too-many-users = Sebuah tim beranggotakan paling banyak { $most } pengguna.
teams-too-many-sims = Sebuah tim memiliki paling banyak { $most } kartu SIM.
teams-too-many-of-user = Salah satu dari mereka sudah menjadi anggota { $most } tim, jumlah terbanyak yang diizinkan.
teams-sim-of-another = Salah satu kartu SIM milik tim lain. Keluarkan dulu dari tim itu.
teams-has-sims = Tim ini masih memiliki kartu SIM. Nyatakan bahwa kartu itu tidak lagi milik siapa pun, atau berikan dulu kepada tim lain.
teams-has-book = Tim ini masih memiliki kontak, grup, atau templat. Hapus dulu semuanya.
teams-of-none = Tidak ada di tim mana pun.
team-of-sim = Kartu SIM ini milik tim { $team }.

## Kontak, grup, templat
search-all = Cari di mana saja
search-all-label = Nama, nomor, atau ID
search-results = Hasil
search-pages = Halaman
search-found = { $count ->
    [0] Tidak ada yang seperti itu.
   *[other] { $count } hasil.
}
search-found-first = { $count } ditampilkan; tulis lebih banyak untuk mempersempitnya.
search = Cari
nothing-found = Tidak ada yang ditemukan.
more = Berikutnya
to-the-first = Kembali ke awal
save = Simpan
remove = Hapus
shared = dipakai bersama
whose = Milik siapa
whose-own = Hanya milik Anda
whose-teams = Milik tim
whose-everybody = Milik bersama seluruh organisasi
contacts-title = Kontak
contacts-lead = Nama dan nomornya: milik Anda sendiri, milik tim Anda, dan yang dipakai bersama.
contacts-none = Belum ada kontak. Tambahkan yang pertama di bawah ini.
contacts-all = Semua kontak
contacts-add = Tambah kontak
contacts-name = Nama
contacts-number = Nomor
contacts-email = Email (boleh kosong)
contacts-note = Catatan (boleh kosong)
contacts-tags = Tag, dipisahkan spasi (boleh kosong)
contacts-groups = Grup
contacts-fields = Isian tambahan (boleh kosong)
contacts-fields-hint = Masing-masing pada baris sendiri, dengan titik dua setelah namanya, misalnya Kota: Bandung
contacts-with-tag = Dengan tag
contacts-out-by-message = Berhenti menerima pesan: diminta lewat SMS pada { $at }
contacts-out-by-account = Berhenti menerima pesan: dimasukkan ke daftar berhenti pada { $at }
contacts-out-by-import = Berhenti menerima pesan: diimpor dari sistem lain pada { $at }
contacts-bad-fields = Sebuah kontak paling banyak punya { $most } isian tambahan, masing-masing pada satu baris dengan titik dua setelah namanya. Nama paling banyak { $name } karakter dan bukan name, number, email atau note; isinya paling banyak { $size } karakter.
contacts-added = { $name } sudah menjadi kontak.
contacts-changed = Kontak disimpan.
undo = Urungkan
undo-contact = Kontak dikembalikan.
undo-group = Grup dikembalikan.
undo-template = Templat dikembalikan.
undo-gone = Sudah tidak bisa dikembalikan.
undo-taken = Tidak bisa dikembalikan: nama “{ $name }” sudah dipakai yang lain.
undo-full = Tidak bisa dikembalikan: sudah ada { $most }, batas terbanyak.
contacts-removed = Kontak dihapus.
contacts-bad-name = Nama terdiri dari 1 sampai { $most } karakter yang terlihat, tanpa spasi di awal atau akhir.
contacts-bad-number = Nomor ini tidak dapat dihubungi. Tulis seperti +6281234567890 atau 081234567890.
contacts-bad-email = Ini bukan alamat email.
contacts-bad-note = Catatan paling banyak { $most } karakter.
contacts-bad-tags = Sebuah kontak paling banyak punya { $most } tag, masing-masing paling banyak { $size } karakter.
contacts-bad-groups = Sebuah kontak paling banyak berada di { $most } grup.
contacts-no-group = Salah satu grup ini sudah tidak ada, atau bukan milik Anda.
contacts-no-team = Anda bukan anggota tim ini lagi, atau tim ini sudah dihapus.
contacts-too-many-groups = Satu kontak berada di paling banyak { $most } grup, termasuk grup milik orang lain.
contacts-too-many = Sudah ada { $most } kontak, dan itu yang terbanyak.
imports-title = Impor kontak
imports-lead = Kontak dari lembar kerja atau dari buku alamat telepon. Tidak ada kontak yang dibuat sebelum Anda menyetujuinya, dan semuanya bisa diurungkan.
imports-upload = Unggah berkas
imports-file = Berkas CSV, Excel (XLSX) atau vCard (VCF)
imports-file-hint = Satu baris atau kartu untuk tiap kontak. Paling banyak { $rows } baris dan { $size } MB.
imports-past = Yang Anda impor dan gabungkan
imports-none = Belum ada apa-apa. Unggah berkas di atas: satu kolom berisi nomor, dan kolom lain berisi nama, grup, tag atau apa pun yang Anda ketahui.
imports-kept = Bisa diurungkan selama { $days } hari.
imports-draft = Diunggah pada { $at }, belum diimpor
imports-applied-at = Diimpor pada { $at }: { $made } baru, { $changed } diubah
imports-goes-on = Berkas ini besar: prosesnya berjalan terus. Buka halaman ini lagi nanti.
imports-being-made = Kontak sedang diimpor. Buka halaman ini lagi nanti.
imports-half-applied = Belum semua baris diimpor. Impor sisanya, atau urungkan impor ini.
imports-being-undone = Sedang diurungkan. Buka halaman ini lagi nanti.
imports-half-undone = Belum semuanya diurungkan. Urungkan sisanya.
imports-undone-at = Diurungkan pada { $at }
imports-merged-at = { $count } kontak digabungkan pada { $at }
imports-is-merge = Kontak yang digabungkan
imports-uploaded = Berkas sudah masuk: { $count } baris. Tentukan isi kolom-kolomnya.
imports-plan = Isi kolom-kolom
imports-role-ignored = Abaikan
imports-role-email = Email
imports-role-note = Catatan
imports-role-tags = Tag
imports-role-field = Isian tambahan “{ $name }”
imports-keep = Jangan ubah kontak yang sudah ada
imports-planned = Belum ada yang diimpor. Periksa dahulu, lalu setujui.
imports-review = Periksa
imports-new = Kontak baru
imports-changed = Kontak yang diubah
imports-same = Kontak yang tetap
imports-new-groups = Grup ini dibuat:
imports-first-rows = Tampilkan baris-baris pertama
imports-becomes-new = Kontak baru
imports-becomes-changed = Mengubah sebuah kontak
imports-becomes-same = Sudah ada kontak dengan semua isi ini
imports-nothing-yet = Tidak ada kontak yang dibuat atau diubah sebelum Anda menekan ini.
imports-confirm = Impor
imports-nothing = Tidak ada baris yang menjadi kontak atau mengubah kontak: periksa alasannya, dan isi kolom-kolomnya.
imports-confirmed = Kontak sudah diimpor.
imports-result = Hasilnya
imports-go-on = Impor sisanya
imports-merged-away = Digabungkan ke kontak lain
imports-undone = Diurungkan
imports-left = Dibiarkan apa adanya
imports-left-changed = Sudah diubah sejak itu, jadi dibiarkan apa adanya
imports-left-removed = Sudah dihapus sejak itu
imports-left-there = Sudah ada lagi
imports-left-full = Tidak dibuat lagi: jumlah kontak sudah mencapai batas
imports-undo = Urungkan impor
imports-undo-merge = Urungkan penggabungan
imports-undo-hint = Kontak baru dihapus, dan yang diubah kembali seperti semula. Yang sudah diubah sejak itu dibiarkan apa adanya, dan disebut di sini.
imports-taken-back = Impor sudah diurungkan.
imports-merge-undone = Penggabungan sudah diurungkan.
imports-remove = Lupakan berkas ini
imports-remove-merge = Lupakan penggabungan ini
imports-remove-hint = Setelah itu tidak bisa diurungkan lagi.
imports-removed = Sudah dilupakan; kontaknya tetap ada.
imports-all = Semua impor
imports-too-many = Sudah ada { $most } impor. Lupakan satu dahulu.
imports-look-again = Ada yang berubah sementara itu. Periksa lagi.
imports-bad-columns = Satu kolom harus berisi nomor, tidak ada isian tambahan yang boleh muncul dua kali, dan paling banyak ada { $most }.
imports-file-no-sheet = Ini bukan CSV, bukan XLSX dan bukan vCard.
imports-skip-there = Sudah ada kontak dengan nomor ini
imports-skip-name = Namanya terlalu panjang, atau memuat karakter yang tidak terlihat
imports-skip-note = Catatannya terlalu panjang
imports-skip-tags = Tagnya terlalu banyak, atau ada yang terlalu panjang
imports-skip-groups = Grupnya terlalu banyak, namanya tidak bisa menjadi nama grup, atau isi grup itu ditentukan aturan
imports-skip-fields = Isian tambahannya terlalu banyak, atau ada yang terlalu panjang
doubles-title = Kontak ganda
doubles-lead = Kontak dengan nomor atau nama yang sama. Pilih yang disimpan; yang lain digabungkan ke dalamnya. Ini bisa diurungkan.
doubles-by-number = Nomor sama
doubles-by-name = Nama sama
doubles-own = Kontak Anda sendiri
doubles-shared = Kontak yang dipakai bersama
doubles-none = Tidak ada kontak ganda di sini.
doubles-keep = Simpan
doubles-merge = Gabungkan
doubles-do = Gabungkan ke yang disimpan
doubles-merged = Kontak-kontak itu sekarang satu. Yang berbeda tercatat di catatannya.
doubles-gone = Salah satu kontak sudah tidak ada, atau diubah sementara itu. Periksa lagi.
doubles-too-few = Pilih 2 sampai { $most } kontak.
doubles-too-much = Bersama-sama tag, isian tambahan atau catatannya lebih banyak dari yang muat di satu kontak.
groups-title = Grup
groups-lead = Kontak yang termasuk bersama.
groups-none = Belum ada grup. Tambahkan yang pertama di bawah ini.
groups-all = Semua grup
groups-add = Tambah grup
groups-code = Kode, satu kata (boleh kosong)
groups-members = { $count } kontak
groups-added = Grup { $name } sudah dibuat.
groups-changed = Grup disimpan.
groups-removed = Grup dihapus; kontaknya tetap ada.
groups-bad-code = Kode adalah satu kata dengan paling banyak { $most } karakter.
groups-taken = Sudah ada grup dengan nama ini.
groups-too-many = Sudah ada { $most } grup, dan itu yang terbanyak.
groups-by-rule = Menurut aturan
groups-is-by-rule = menurut aturan
groups-by-rule-hint = Kontak yang cocok dengan aturan otomatis masuk grup ini, termasuk yang ditambahkan kemudian. Hanya kontak milik pemilik grup yang dihitung.
groups-rule-of = Siapa yang berada di grup ini
groups-rule-all = Kontak yang memenuhi semuanya
groups-rule-any = Kontak yang memenuhi salah satunya
groups-rule-tags = Dengan tag ini, dipisahkan spasi
groups-rule-no-tags = Tanpa tag ini, dipisahkan spasi
groups-rule-fields = Dengan isian tambahan ini
groups-bad-rule = Sebuah aturan paling banyak punya { $most } syarat. Tag adalah satu kata; isian tambahan berada pada baris sendiri, dengan titik dua setelah namanya, dan hanya sekali.
groups-too-many-rules = Sudah ada { $most } grup menurut aturan, dan itu yang terbanyak.
templates-title = Templat
templates-lead = Teks yang disimpan untuk dikirim berkali-kali.
templates-none = Belum ada templat. Tambahkan yang pertama di bawah ini.
templates-all = Semua templat
templates-add = Tambah templat
templates-text = Teks
templates-added = Templat { $name } sudah dibuat.
templates-changed = Templat disimpan.
templates-removed = Templat dihapus.
templates-bad-text = Templat adalah teks 1 sampai { $most } karakter.
templates-taken = Sudah ada templat dengan nama ini.
templates-too-many = Sudah ada { $most } templat, dan itu yang terbanyak.

## Jadwal
schedules-title = Jadwal
schedules-lead = Pesan yang dikirim pada waktunya, sekali atau berulang-ulang.
schedules-none = Belum ada jadwal. Tambahkan yang pertama di bawah ini.
schedules-all = Semua jadwal
schedules-add = Tambah jadwal
schedules-to = Nomor
schedules-groups = Grup: siapa pun yang ada di dalamnya ketika dikirim
schedules-date = Tanggal
schedules-time = Jam
schedules-zone = Zona waktu, misalnya Asia/Jakarta
schedules-repeat = Ulangi
schedules-repeat-none = Sekali saja
schedules-repeat-daily = Setiap hari
schedules-repeat-workdays = Senin sampai Jumat
schedules-repeat-weekly = Setiap minggu pada hari yang sama
schedules-repeat-monthly = Setiap bulan pada tanggal yang sama
schedules-repeat-last-day = Pada hari terakhir setiap bulan
schedules-repeat-other = Aturan lain:
schedules-rule = Aturan lain (boleh kosong)
schedules-rule-hint = FREQ=DAILY, WEEKLY, atau MONTHLY, dengan INTERVAL, BYDAY, BYMONTHDAY, dan UNTIL atau COUNT: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20271231
schedules-once = Sekali, pada { $at } ({ $zone })
schedules-from = Mulai { $at } ({ $zone }), { $how }
schedules-next = berikutnya { $at }
schedules-paused = dijeda
schedules-over = selesai
schedules-times = Waktu berikutnya
schedules-sent = Terakhir dikirim { $at }: { $count } pesan
schedules-missed = Tidak dikirim pada { $at }: gateway mati, dan setelah itu sudah terlambat.
schedules-nobody = Tidak dikirim pada { $at }: tidak ada penerima.
schedules-over-limit = Tidak dikirim pada { $at }: akun akan mengirim lebih dari yang diizinkan.
schedules-too-many-recipients = Tidak dikirim pada { $at }: penerimanya terlalu banyak.
schedules-unreadable = Tidak dikirim pada { $at }: zona waktu atau aturannya tidak dikenal di tempat pengiriman.
schedules-run = Kirim sekarang juga
schedules-pause = Jeda
schedules-resume = Lanjutkan
schedules-added = Jadwal { $name } sudah dibuat.
schedules-changed = Jadwal disimpan.
schedules-removed = Jadwal dihapus; yang sudah dikirim tetap ada.
schedules-paused-now = Jadwal dijeda.
schedules-resumed = Jadwal dilanjutkan.
schedules-taken = Sudah ada jadwal dengan nama ini.
schedules-too-many = Sudah ada { $most } jadwal, dan itu yang terbanyak.
schedules-bad-groups = Sebuah jadwal paling banyak untuk { $most } grup.
schedules-bad-time = Pilih tanggal dan jam.
schedules-bad-zone = Zona waktu { $zone } tidak dikenal. Tulis misalnya Asia/Jakarta.
schedules-bad-rule = Aturannya tidak dipahami: { $reason }
schedules-never = Tidak akan pernah dikirim: mulai sekarang tidak ada waktu seperti itu.

## Siaran
broadcasts-title = Siaran
broadcasts-lead = Satu teks untuk banyak orang, dengan nama terisi, sesuai laju Anda dan tidak di malam hari.
broadcasts-none = Belum ada siaran. Tulis yang pertama di bawah.
broadcasts-all = Semua siaran
broadcasts-add = Buat siaran
broadcasts-edit = Ubah draf
broadcasts-edit-scheduled = Ubah siaran
broadcasts-text-hint = {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"}, dan {"{"}note{"}"} diisi dari setiap kontak. Kurung kurawal yang harus tetap ada ditulis dua kali. Isian tambahan juga bisa dipakai: {"{"}field:Kota{"}"}.
broadcasts-template = Atau teks sebuah templat
broadcasts-template-none = Tidak: teks di atas
broadcasts-groups = Grup: siapa pun anggotanya saat siaran dimulai
broadcasts-numbers-hint = Satu nomor per baris, paling banyak { $most }. Yang tidak bisa dipakai dilewati dan disebutkan.
broadcasts-numbers-kept = { $count } nomor sudah tercatat, dan tetap ada kecuali Anda menulis yang lain.
broadcasts-no-numbers = Hapus semua nomor
broadcasts-date = Mulai tanggal
broadcasts-when-hint = Boleh kosong: siaran dimulai saat Anda memulainya.
broadcasts-pace = Laju (boleh kosong)
broadcasts-pace-per = Pesan setiap
broadcasts-per-minute = menit
broadcasts-per-hour = jam
broadcasts-pace-hint = Berapa pesan yang diserahkan. Tanpa laju, secepat modem mengambilnya.
broadcasts-quiet-from = Tenang dari
broadcasts-quiet-to = Tenang sampai
broadcasts-quiet-hint = Boleh kosong. Pada jam-jam ini tidak ada yang diserahkan, menurut jam di negara setiap penerima.
broadcasts-state-draft = Draf
broadcasts-state-scheduled = Terjadwal
broadcasts-state-running = Berjalan
broadcasts-state-paused = Dijeda
broadcasts-state-finished = Selesai
broadcasts-state-cancelled = Dibatalkan
broadcasts-trouble-missed = Gateway mati saat siaran seharusnya dimulai, jadi siaran dijeda. Lanjutkan, atau batalkan.
broadcasts-trouble-nobody = Tidak ada penerima.
broadcasts-trouble-too-many = Penerimanya lebih dari { $most }, jadi tidak ada yang dikirim. Buat beberapa siaran.
broadcasts-trouble-over-limit = Akun belum boleh mengirim lagi untuk sementara; siaran berlanjut sendiri.
broadcasts-trouble-unreadable = Teks atau zona waktunya tidak dikenal di tempat pengiriman, jadi siaran dijeda.
broadcasts-trouble-disabled = Akunnya dinonaktifkan, jadi siaran dijeda. Aktifkan akun itu, lalu lanjutkan.
broadcasts-starts = Dimulai { $at }
broadcasts-reading = Membaca siapa penerimanya: sejauh ini { $count }
broadcasts-expected = Untuk { $count } nomor, termasuk yang tertulis dua kali.
broadcasts-handed = { $handed } dari { $total } penerima sudah diserahkan
broadcasts-left-out = Dilewati: { $duplicates } tertulis dua kali, { $opted } berhenti berlangganan, { $unusable } tidak bisa dipakai
broadcasts-left-out-title = Dilewati
broadcasts-why-duplicate = Sudah tertulis sebelumnya
broadcasts-why-opted-out = Berhenti berlangganan
broadcasts-why-unusable = Tidak bisa dipakai
broadcasts-quiet-until = { $count } penerima menunggu sampai { $until } ({ $zone }): di sana sedang malam.
broadcasts-progress = Sejauh mana siaran berjalan
broadcasts-csv = Semua penerima sebagai CSV
broadcasts-plan-minute = { $count } pesan per menit
broadcasts-plan-hour = { $count } pesan per jam
broadcasts-plan-none = Secepat modem mengambilnya
broadcasts-plan-quiet = Tidak ada yang diserahkan pada { $hours }, menurut jam di negara setiap penerima.
broadcasts-start = Mulai
broadcasts-pause = Jeda
broadcasts-resume = Lanjutkan
broadcasts-cancel = Batalkan sisanya
broadcasts-take-back = Tarik kembali
broadcasts-test = Kirim uji coba
broadcasts-test-to = Ke nomor
broadcasts-test-do = Kirim uji coba
broadcasts-tests = { $count ->
    [0] Teksnya dikirim ke satu nomor, seperti yang akan diterima penerima pertama.
   *[other] Sudah diuji { $count } kali.
}
broadcasts-added = Siaran { $name } menjadi draf. Uji dahulu, lalu mulai.
broadcasts-changed = Draf disimpan.
broadcasts-changed-scheduled = Siaran disimpan dan dimulai pada waktunya.
broadcasts-draft-again = Siaran menjadi draf lagi: mulai lagi.
broadcasts-removed = Siaran dihapus; yang sudah dikirim tetap ada.
broadcasts-started = Siaran dimulai.
broadcasts-paused = Tidak ada lagi yang dikirim sampai siaran dilanjutkan.
broadcasts-resumed = Siaran dilanjutkan.
broadcasts-cancelled = Siaran dibatalkan; yang sudah ada di modem tetap dikirim.
broadcasts-tested = Uji coba sedang dikirim.
broadcasts-taken = Sudah ada siaran dengan nama ini.
broadcasts-too-many = Sudah ada { $most } siaran, dan itu yang terbanyak. Hapus satu dahulu.
broadcasts-bad-groups = Sebuah siaran paling banyak untuk { $most } grup.
broadcasts-too-many-numbers = Paling banyak { $most } nomor bisa dicatat. Jadikan nomor-nomor itu kontak dan sebuah grup.
broadcasts-no-template = Templatnya sudah tidak ada. Tulis teksnya.
broadcasts-no-field = Teks tidak dimengerti: tidak ada isian { $field }. Yang ada {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"}, {"{"}note{"}"}, dan {"{"}field:Kota{"}"} untuk isian tambahan; kurung kurawal yang harus tetap ada ditulis dua kali.
broadcasts-open-brace = Teks tidak dimengerti: kurung kurawal pada karakter { $at } tidak ditutup. Kurung kurawal yang harus tetap ada ditulis dua kali.
broadcasts-nobody-has = Tidak ada penerima yang punya isi untuk { $field }. Hapus dari teks, atau pilih grup yang kontaknya memilikinya.
broadcasts-past = Waktu ini sudah lewat. Pilih yang lebih kemudian, atau kosongkan.
broadcasts-bad-pace = Laju adalah 1 sampai { $most } pesan. Tanpa laju, kolomnya dikosongkan.
broadcasts-bad-quiet = Jam tenang memerlukan dua waktu yang berbeda, agar masih ada waktu tersisa.
broadcasts-nobody = Tidak ada penerima. Pilih grup yang berisi kontak, atau tulis nomor.
broadcasts-too-large = Siaran ini untuk { $found } nomor, padahal paling banyak { $most }. Buat beberapa siaran.
broadcasts-in = Sekarang tidak bisa. Keadaannya: { $state }.
broadcasts-untold = Broker pesan tidak terjangkau. Tidak ada lagi yang diserahkan; coba lagi untuk menghentikan yang sudah diserahkan.

## Bila ada yang salah
error-title = Terjadi masalah
error-not-found-title = Halaman tidak ditemukan
error-not-found = Tidak ada apa-apa di alamat ini.
error-forbidden = Peran Anda tidak mengizinkan ini. Administrator dapat memberi peran lain.
error-csrf = Formulir ini sudah kedaluwarsa, atau bukan dari halaman ini. Kembali, muat ulang halamannya, lalu kirim lagi.
error-too-often = Papan ini terlalu sering dibuka dari sini. Buka lagi { $seconds } detik lagi.
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

opt-outs-title = Berhenti menerima
opt-outs-lead = Siapa yang mengirim STOP atau BERHENTI, atau dimasukkan di sini, tidak dikirimi pesan oleh siapa pun.
opt-outs-none = Semua orang masih dikirimi pesan.
opt-outs-asked = Diminta lewat SMS
opt-outs-said = Dimasukkan di sini
opt-outs-imported = Diambil alih dari tempat lain
opt-outs-remove = Kirimi pesan lagi
opt-outs-add = Jangan kirimi pesan lagi
opt-outs-numbers = Nomor
opt-outs-numbers-hint = Satu nomor per baris, atau dipisahkan koma.
opt-outs-added = Baru dalam daftar: { $count }
opt-outs-removed = Nomor itu dikirimi pesan lagi.
opt-outs-bad-count = Tulis 1 sampai { $most } nomor sekaligus.
opt-outs-no-numbers = Ini bukan nomor: { $which }
credits-title = Saldo
credits-lead = Berapa yang boleh dipakai akun untuk pesan, dan berapa harga pesan.
credits-none = Semua akun mengirim tanpa batas.
credits-left = Sisa: { $left }
credits-unlimited = Mengirim tanpa batas
credits-make-unlimited = Biarkan mengirim tanpa batas
credits-unlimited-now = Akun itu sekarang mengirim tanpa batas.
credits-add = Tambah saldo
credits-account = Akun
credits-amount = Jumlah
credits-note = Catatan
credits-add-hint = Sejak itu akun hanya mengirim yang terbayar oleh saldonya. Jumlah dengan tanda minus mengambil saldo kembali.
credits-added = { $name } sekarang punya { $left }.
credits-bad-amount = Tulis jumlah seperti 50000 atau 12.50, paling banyak empat desimal.
credits-nothing = 0 tidak mengubah apa-apa. Tulis berapa yang diterima akun, atau dengan tanda minus berapa yang diambil kembali.
credits-too-much = Saldo akun paling banyak { $most }.
credits-no-account = Tidak ada akun dengan nama ini.
credits-long-note = Catatan paling panjang { $most } karakter.
credits-too-little = Tidak bisa diambil sebanyak itu: saat ini yang bisa { $left }.
credits-prices = Harga per bagian
credits-usual = Semua nomor lain
credits-prefix = Nomor yang berawalan (kosong: semua nomor lain)
credits-price = Harga per bagian
credits-currency = Mata uang
credits-prices-hint = Awalan terpanjang yang cocok yang berlaku. Tanpa harga, semuanya gratis.
credits-set-price = Tetapkan harga
credits-remove-price = Hapus
credits-prices-changed = Harga sudah diubah.
credits-prices-meanwhile = Seseorang mengubah harga sementara itu. Inilah harganya: ulangi perubahan Anda.
credits-bad-price = Tulis harga seperti 350 atau 0.05, dan mata uang sebagai kata pendek seperti IDR.
credits-bad-prefix = Nomor berawalan angka, dengan atau tanpa tanda + di depannya.
credits-ledger = Buku saldo
credits-no-entries = Belum ada yang terjadi dengan saldo akun ini.
credits-top-up = Saldo ditambah
credits-charge = Sebuah pesan
credits-refund = Pesan yang tidak terkirim
credits-correction = Saldo diambil kembali

routes-title = Jalur pesan
routes-lead = Aturan menentukan lewat kelompok atau SIM mana pesan yang tidak menyebutnya dikirim.
routes-none = Belum ada aturan: pesan dikirim lewat kelompok default.
routes-order = Aturan pertama yang cocok mengambil pesan, menurut urutan ini.
routes-off = dimatikan
routes-up = Naik
routes-down = Turun
routes-add = Tambah aturan
routes-added = Aturan itu berlaku mulai sekarang.
routes-save = Simpan
routes-changed = Tersimpan, dan langsung berlaku.
routes-remove = Hapus aturan
routes-removed = Aturan itu dihapus.
routes-moved = Aturan itu berpindah tempat.
routes-name = Nama
routes-enabled = Berlaku
routes-conditions-hint = Aturan mengambil pesan yang memenuhi semua syarat ini. Yang dikosongkan tidak diperhatikan.
routes-prefixes = Nomor yang berawalan
routes-accounts = Akun
routes-priorities = Prioritas
routes-keys = Kunci pengirimnya
routes-tags = Tag, dipisahkan koma
routes-senders = Pengirim yang diminta, dipisahkan koma
routes-keywords = Kata pertama teks
routes-hours = Jam
routes-from = Dari
routes-until = Sampai
routes-zone = Zona waktu
routes-ways = Dikirim lewat
routes-ways-hint = Yang pertama di antaranya yang modemnya aktif mengambil pesan.
routes-refuse = Atau tolak, dengan alasan ini
routes-everything = Semua pesan
routes-refuses = ditolak: { $reason }
routes-pools = Kelompok
routes-strategy = Cara SIM-nya berbagi tugas
routes-as-free = Modem yang siap
routes-round-robin = Setiap SIM bergiliran
routes-weighted = Menurut bobot
routes-least-used = SIM yang paling sedikit mengirim hari ini
routes-sticky = Satu SIM untuk setiap penerima
routes-history = Versi
routes-version = Versi { $number }, aturan: { $rules }
routes-restore = Kembalikan ke sini
routes-undone = Aturan kembali seperti dulu.
routes-try = Coba
routes-try-lead = Lewat mana pesan ini akan dikirim? Tidak ada yang dikirim.
routes-try-to = Kepada
routes-try-account = Akun (kosong: Anda)
routes-try-text = Teks
routes-try-do = Lihat jalurnya
routes-takes = Aturan { $rule } mengambilnya:
routes-no-rule = Tidak ada aturan yang cocok:
routes-pool = kelompok { $pool }
routes-sim = SIM { $sim }
routes-chosen = Kelompok { $pool } memilihnya: { $strategy }.
routes-online = Aktif sekarang: { $modems }.
routes-nobody-online = Tidak ada modemnya yang aktif, jadi pesan menunggu sampai ada.
routes-refused = Aturan { $rule } menolaknya: { $why }
routes-unusable = Ditolak: { $why }
routes-opted-out = Ditolak: penerima meminta tidak dikirimi pesan lagi.
routes-disabled-account = Ditolak: akun itu dinonaktifkan.
routes-not-this-sim = Ditolak: akun itu tidak boleh mengirim lewat SIM ini.
routes-of-team = Pesan ditolak: kartu SIM ini milik tim { $team }.
routes-keeps-to-team = Pesan ditolak: tim { $team } hanya mengirim lewat kartu SIM miliknya sendiri.
routes-passed = { $rule }: { $why }.
routes-miss-disabled = dimatikan
routes-miss-named = pesan menyebut SIM atau kelompok sendiri
routes-miss-prefix = awalan nomornya lain
routes-miss-account = dikirim akun lain
routes-miss-priority = prioritasnya lain
routes-miss-key = dikirim kunci lain, atau tanpa kunci
routes-miss-tag = tag-nya lain, atau tidak ada
routes-miss-sender = pengirim yang diminta lain, atau tidak ada
routes-miss-keyword = kata pertamanya lain
routes-miss-hours = waktunya lain
routes-miss-walled = akun itu tidak boleh mengirim lewat satu pun SIM-nya
routes-otp = kata sandi sekali pakai
routes-normal = biasa
routes-bulk = massal
routes-monday = Senin
routes-tuesday = Selasa
routes-wednesday = Rabu
routes-thursday = Kamis
routes-friday = Jumat
routes-saturday = Sabtu
routes-sunday = Minggu
routes-all-rules = Semua aturan bersama-sama
routes-rule = Aturan { $at } ({ $name })
routes-too-many = Jumlahnya melebihi batas; paling banyak { $most }.
routes-bad-name = Beri nama 1 sampai { $most } karakter.
routes-name-taken = Aturan { $number } bernama sama; pilih nama lain.
routes-no-way = Pilih kelompok atau SIM, atau tulis alasan penolakannya.
routes-two-ways = Aturan tidak bisa mengirim sekaligus menolak; kosongkan salah satunya.
routes-bad-reason = Tulis alasan penolakan dalam 1 sampai { $most } karakter.
routes-bad-mark = “{ $mark }” bukan tag dengan 1 sampai { $tag } karakter dan bukan pengirim dengan 1 sampai { $widest }.
routes-bad-keyword = “{ $keyword }” bukan satu kata dengan 1 sampai { $most } karakter.
routes-bad-zone = Tidak ada zona waktu “{ $zone }”; tulis seperti Asia/Jakarta.
routes-no-hours = Jamnya berakhir saat dimulai, jadi aturan ini tidak pernah mengambil apa pun.
routes-pool-twice = Kelompok itu tercantum dua kali.
routes-bad-weight = Beri SIM bobot 0 sampai { $most }.
routes-no-weight = Beri satu SIM bobot di atas 0.
routes-bad-strategy = Pilih cara lain untuk berbagi tugas.
routes-hidden = Tidak pernah mengambil apa pun: aturan { $by } ({ $name }) ada di depannya dan mengambil semuanya. Naikkan, ubah salah satunya, atau hapus.
routes-empty-pool = Tidak ada SIM di kelompok { $pool }; sampai ada, pesan menunggu.
routes-unknown-sim = SIM { $sim } tidak dikenal; sampai ada di modem, pesan menunggu.
routes-unknown-account = Akun { $account } tidak dikenal.
routes-elsewhere-sim = SIM { $sim } diberi bobot padahal tidak ada di kelompok ini.
routes-no-version = Versi itu sudah tidak ada.
routes-too-large = Semua aturan itu bersama-sama terlalu besar.
routes-meanwhile = Sementara itu ada yang mengubah aturan. Lihat dulu, lalu ulangi.
routes-bad-prefix = Tidak ada nomor berawalan “{ $prefix }”: pakai angka, dengan atau tanpa + di depannya.
routes-no-such-key = “{ $name }” bukan kunci: kunci disebut dengan id-nya, misalnya key_….
routes-no-such-user = Tidak ada akun “{ $name }”.
routes-bad-time = “{ $time }” bukan jam; tulis seperti 07:30.
routes-no-number = Ini bukan nomor telepon.
## Keadaan gateway
status-title = Status
status-wrong = Masalah
status-nothing-wrong = Tidak ada masalah.
status-there = Buka
status-told = Endpoint dan alamat email dapat diberi tahu lewat peristiwa alert.opened dan alert.closed:
status-queue = Di mana pesan berada
status-queue-hint = Halaman sebuah pesan menjelaskan mengapa dan sampai kapan pesan itu menunggu:
status-oldest = Yang tertua diterima pada
status-more = Lebih dari { $count }
status-over = Masalah yang sudah selesai
alert-since = sejak { $at }
alert-over = dari { $at } sampai { $end }
alert-modem-offline = Modem { $name } tidak tersambung
alert-modem-offline-advice = Periksa apakah modem tercolok dan mendapat daya, dan apakah driver-nya berjalan.
alert-modem-sick = Modem { $name } tidak mengirim
alert-modem-sick-advice = Kartunya di halaman modem menjelaskan sebabnya.
alert-balance-low = Pulsa SIM di { $name } hampir habis
alert-balance-low-advice = Isi ulang; pesan gagal bila pulsa habis.
alert-queue-old = Ada pesan yang menunggu terlalu lama
alert-bulk-old = Ada pesan massal yang menunggu terlalu lama
alert-queue-old-advice = Halaman pesan itu menjelaskan apa yang ditunggu.
alert-failure-rate = Terlalu banyak pesan gagal
alert-failure-rate-advice = Pesan-pesan itu memuat jawaban jaringan. Sebab yang umum adalah pulsa habis.
alert-dead-letters = Ada yang tidak dapat dibaca
alert-dead-letters-advice = merpati dead menunjukkan apa yang dibuang dan sebabnya.
alert-disk-low = Disk hampir penuh
alert-disk-low-advice = Kosongkan ruang di folder data; pesan baru ditolak bila disk penuh.
alert-broker-full = Antrean { $name } hampir penuh
alert-broker-full-advice = Biarkan antrean terkirim atau naikkan nats.max_bytes; pesan baru ditolak bila penuh.
alert-sim-blocked = SIM di { $name } mencapai sebuah batas
alert-sim-blocked-advice = Halamannya menyebutkan batas yang mana dan sampai kapan. Naikkan batasnya, atau tambahkan SIM lain ke kelompoknya.
alert-quota-low = Sebuah batas SIM di { $name } hampir tercapai
alert-quota-low-advice = Halamannya menyebutkan berapa yang sudah terpakai.
alert-stuck-held = Sebuah pesan ditahan melewati waktunya
alert-stuck-sending = Sebuah modem terlalu lama memegang pesan tanpa jawaban
alert-stuck-uncertain = Tidak ada yang tahu apakah sebuah pesan terkirim
alert-stuck-advice = Halaman pesannya menyebutkan apa yang terjadi.
alert-loop-stopped = Percakapan dua mesin dihentikan
alert-loop-stopped-advice = Pengirimnya tidak dibalas selama satu jam. Lihat layanan atau endpoint mana yang menjawabnya.

## Catatan audit
audit-title = Catatan audit
audit-lead = Apa yang diubah, oleh siapa, dan dari mana. Isinya tidak pernah diubah atau dihapus.
audit-check = Periksa keutuhan catatan
audit-whole = Catatan utuh: { $count } entri telah diperiksa.
audit-whole-so-far = Catatan utuh sampai entri { $sequence }. Isinya lebih panjang daripada yang diperiksa halaman ini: merpati audit verify memeriksa semuanya.
audit-broken = Catatan tidak utuh: ada yang salah pada entri { $sequence }. merpati audit verify menjelaskannya.
audit-who = Siapa: nama pengguna, atau local, setup, service, atau stranger
audit-action = Tindakan
audit-subject = Id yang dikenai tindakan
audit-since = Dari
audit-until = Sampai
audit-details = Rincian
audit-before = Sebelum:
audit-after = Sesudah:
audit-from = Alamat
audit-door = Lewat
audit-key = Kunci
audit-sequence = Entri
audit-hash = Hash
audit-local = Baris perintah
audit-setup = Pemegang tautan penyiapan ({ $name })
audit-invited = Pemegang undangan ({ $name })
audit-program = Program milik { $name }
audit-done = { $key ->
    [login-succeeded] { $who } masuk
    [login-failed] Seseorang mencoba masuk sebagai { $who } dan ditolak
    [login-ended] { $who } keluar
    [session-ended] { $who } mengakhiri sesi { $what }
    [setup-link-made] { $who } membuat tautan penyiapan baru
    [setup-finished] { $who } menyiapkan gateway dan membuat akun { $what }
    [user-created] { $who } membuat akun { $what }
    [user-enabled] { $who } membuka kembali akun { $what }
    [user-disabled] { $who } mengunci akun { $what }
    [user-password-changed] { $who } mengganti kata sandi { $what }
    [user-role-changed] { $who } mengubah apa yang boleh dilakukan { $what }
    [user-limits-changed] { $who } mengubah batas kirim { $what }
    [user-password-link-made] { $who } membuat tautan kata sandi baru untuk { $what }
    [user-totp-set] { $who } membuat { $what } memakai kode dari ponsel saat masuk
    [user-totp-removed] { $who } membuat { $what } tidak lagi memakai kode dari ponsel
    [user-recovery-made] { $who } membuat kode pemulihan baru untuk { $what }
    [user-recovery-used] { $who } masuk sebagai { $what } dengan kode pemulihan
    [signin-changed] { $who } mengubah peran mana yang memakai kode dari ponsel saat masuk
    [user-acted] { $who } mulai bertindak sebagai { $what }
    [user-acting-ended] { $who } berhenti bertindak
    [invitation-made] { $who } membuat undangan untuk { $what }
    [invitation-taken] { $who } membuat akun { $what } lewat undangan
    [invitation-revoked] { $who } mencabut undangan untuk { $what }
    [team-created] { $who } membuat tim { $what }
    [team-changed] { $who } mengubah tim { $what }
    [team-removed] { $who } menghapus tim { $what }
    [key-created] { $who } membuat kunci { $what }
    [key-revoked] { $who } mencabut kunci { $what }
    [sim-changed] { $who } mengubah siapa yang boleh memakai SIM { $what }, atau kelompoknya
    [sim-limits-changed] { $who } mengubah batas kirim SIM { $what }
    [modem-changed] { $who } mengubah modem { $what }
    [modem-forgotten] { $who } melupakan modem { $what }
    [modem-ussd] { $who } memanggil kode USSD di { $what }
    [modem-at] { $who } mengirim perintah AT ke { $what }
    [modem-restarted] { $who } menyiapkan ulang { $what }
    [modem-reset] { $who } memulai ulang modem { $what }
    [modem-flight] { $who } mematikan atau menyalakan radio { $what }
    [modem-number] { $who } mencatat nomor SIM di { $what }
    [modem-smsc] { $who } mencatat pusat layanan SIM di { $what }
    [modem-pin] { $who } memberi { $what } PIN SIM-nya
    [modem-traced] { $who } merekam jalur serial { $what }
    [gateway-suspended] { $who } menghentikan semua modem
    [gateway-isolated] { $who } menahan kabar pesan masuk dari semua program
    [gateway-resumed] { $who } melanjutkan gateway
    [routes-changed] { $who } mengubah jalur pesan
    [credit-changed] { $who } mengubah saldo { $what }
    [credit-unlimited] { $who } membiarkan { $what } mengirim tanpa saldo
    [prices-changed] { $who } mengubah harga pesan
    [optout-added] { $who } menghentikan kiriman pesan ke { $what }
    [optout-removed] { $who } mengizinkan kembali kiriman pesan ke { $what }
    [service-created] { $who } membuat layanan { $what }
    [service-changed] { $who } mengubah layanan { $what }
    [service-removed] { $who } menghapus layanan { $what }
    [service-moderated] { $who } memoderasi papan { $what }
    [service-cleared] { $who } menghapus catatan layanan { $what }
    [webhook-created] { $who } membuat webhook { $what }
    [webhook-changed] { $who } mengubah webhook { $what }
    [webhook-rotated] { $who } mengganti rahasia webhook { $what }
    [webhook-removed] { $who } menghapus webhook { $what }
    [webhook-tested] { $who } menguji webhook { $what }
    [webhook-replayed] { $who } mengirim ulang peristiwa ke webhook { $what }
    [schedule-created] { $who } membuat jadwal { $what }
    [schedule-changed] { $who } mengubah jadwal { $what }
    [schedule-paused] { $who } menjeda jadwal { $what }
    [schedule-removed] { $who } menghapus jadwal { $what }
    [schedule-run] { $who } mengirim jadwal { $what } secara manual
    [broadcast-created] { $who } membuat siaran { $what }
    [broadcast-changed] { $who } mengubah siaran { $what }
    [broadcast-started] { $who } memulai siaran { $what }
    [broadcast-paused] { $who } menjeda siaran { $what }
    [broadcast-resumed] { $who } melanjutkan siaran { $what }
    [broadcast-cancelled] { $who } membatalkan siaran { $what }
    [broadcast-removed] { $who } menghapus siaran { $what }
    [conversation-changed] { $who } mengubah percakapan dengan { $what }
    [contact-created] { $who } membuat kontak { $what }
    [contact-changed] { $who } mengubah kontak { $what }
    [contact-removed] { $who } menghapus kontak { $what }
    [contact-restored] { $who } mengembalikan kontak { $what }
    [contact-merged] { $who } menggabungkan kontak ke { $what }
    [contact-import-uploaded] { $who } mengunggah berkas kontak { $what }
    [contact-import-changed] { $who } menentukan isi kolom { $what }
    [contact-import-confirmed] { $who } mengimpor kontak dari { $what }
    [contact-import-undone] { $who } mengurungkan impor { $what }
    [contact-import-removed] { $who } melupakan impor { $what }
    [group-created] { $who } membuat grup { $what }
    [group-changed] { $who } mengubah grup { $what }
    [group-removed] { $who } menghapus grup { $what }
    [group-restored] { $who } mengembalikan grup { $what }
    [template-created] { $who } membuat templat { $what }
    [template-changed] { $who } mengubah templat { $what }
    [template-removed] { $who } menghapus templat { $what }
    [template-restored] { $who } mengembalikan templat { $what }
    [history-imported] { $who } membawa pesan dari { $what }
    [bulk-uploaded] { $who } mengunggah berkas { $what }
    [bulk-changed] { $who } menentukan isi kiriman berkas { $what }
    [bulk-sent] { $who } mengirim berkas { $what }
    [bulk-removed] { $who } menghapus berkas { $what }
    [message-injected] { $who } memasukkan pesan yang tidak diterima modem mana pun
   *[other] { $who }: { $action } { $what }
}

## Massal
bulk-title = Massal
bulk-lead = Satu pesan untuk tiap baris sebuah berkas, dengan isi kolom-kolomnya. Tidak ada yang dikirim sebelum Anda menyetujuinya.
bulk-upload = Unggah berkas
bulk-file = Berkas CSV atau Excel (XLSX)
bulk-file-hint = Satu baris untuk tiap penerima, satu kolom berisi nomor. Paling banyak { $rows } baris dan { $size } MB.
bulk-example = Contoh kecil
bulk-example-number = nomor
bulk-example-name = nama
bulk-example-day = tanggal
bulk-files = Berkas Anda
bulk-none = Belum ada berkas. Unggah satu di atas: satu kolom berisi nomor, dan kolom lain berisi hal yang disebut dalam teks, misalnya nama.
bulk-rows = { $count } baris
bulk-kept = Baris sebuah berkas disimpan selama { $hours } jam.
bulk-draft = Diunggah pukul { $at }, belum dikirim
bulk-sent-at = Dikirim pukul { $at }: { $count } pesan
bulk-half-sent = Belum semua pesannya diterima. Kirim sisanya: yang sudah diterima tidak dikirim lagi.
bulk-uploaded = Berkas sudah masuk: { $count } baris. Tentukan apa yang dikirim.
bulk-planned = Belum ada yang dikirim. Periksa pesan-pesannya, lalu kirim.
bulk-sent = { $count } pesan diterima.
bulk-removed = Berkas dihapus; yang sudah dikirim tetap ada.
bulk-plan = Yang dikirim
bulk-has-names = Baris pertama berisi nama kolom
bulk-column = Kolom berisi nomor
bulk-mend = Bubuhkan 0 di depan nomor yang tidak diawali 0 atau +
bulk-text-hint = Nama kolom dalam kurung kurawal diisi dari tiap baris. Dua kurung {"{{"} menjadi satu kurung.
bulk-more = Kapan, lewat SIM mana, seberapa mendesak
bulk-pool = Kelompok modem (boleh kosong)
bulk-priority = Prioritas
bulk-priority-bulk = Massal: yang lain didahulukan
bulk-priority-normal = Biasa
bulk-when-hint = Tanpa tanggal, pesan dikirim sekarang juga.
bulk-look = Periksa
bulk-review = Pemeriksaan
bulk-steps = Pesan dari berkas ini, satu per satu
bulk-messages = Pesan
bulk-parts = Bagian seluruhnya
bulk-skipped = Baris yang dilewati
bulk-when = Kapan
bulk-at-once = Sekarang juga
bulk-at = Pukul { $at }
bulk-unicode = { $count } pesan memuat karakter yang membuatnya lebih panjang (70, bukan 160 karakter tiap bagian).
bulk-cut-off = { $count } nomor tidak diawali 0 atau +. Bila angka 0-nya hilang oleh lembar kerja, centang pilihannya di bawah.
bulk-step = Pesan { $at } dari { $of }
bulk-before = Pesan sebelumnya
bulk-after = Pesan berikutnya
bulk-of-line = baris { $line }
bulk-skipped-rows = Tampilkan yang pertama
bulk-skipped-csv = Semuanya sebagai CSV
bulk-line = Baris
bulk-number = Nomor
bulk-reason = Alasan
bulk-nothing-yet = Tidak ada yang dikirim sebelum tombol ini ditekan.
bulk-send = Kirim { $count } pesan
bulk-nothing = Tidak ada baris yang menjadi pesan: lihat alasannya, dan kolom berisi nomornya.
bulk-progress = Kemajuan
bulk-list = Pesan-pesannya
bulk-list-of = Pesan-pesannya, bagian { $at } dari { $of }
bulk-done = { $done } dari { $total } sudah dikirim atau berakhir
bulk-order-paused = dijeda
bulk-order-cancelled = dibatalkan
bulk-send-rest = Kirim sisanya
bulk-look-again = Lihat lagi
bulk-pause = Jeda
bulk-resume = Lanjutkan
bulk-cancel = Batalkan yang belum dikirim
bulk-paused = Dijeda. Yang sudah ada di modem tetap dikirim.
bulk-resumed = Dilanjutkan.
bulk-cancelled = Dibatalkan. Yang sudah ada di modem tetap dikirim.
bulk-is-cancelled = Sudah dibatalkan, dan tidak bisa dilanjutkan. Unggah berkasnya lagi untuk mengirim sisanya.
batch-is-cancelled = Pengiriman ini sudah dibatalkan dan tidak dapat dilanjutkan. Kirim sisanya sebagai pesan baru.
bulk-order-failed = Gateway tidak bisa melakukannya untuk semua pesan. Coba lagi sebentar lagi.
bulk-remove = Hapus berkas
bulk-all = Semua berkas
bulk-skip-no-number = Tidak ada nomor
bulk-skip-not-a-number = Bukan nomor yang bisa dihubungi
bulk-skip-rounded = Nomor dibulatkan oleh lembar kerja (6,28E+11): ubah kolomnya menjadi teks, lalu masukkan lagi nomornya
bulk-skip-twice = Nomor sudah ada di baris sebelumnya
bulk-skip-opted-out = Sudah berhenti berlangganan: tidak dikirimi lagi
bulk-skip-destination = Nomor seperti itu tidak dikirimi
bulk-skip-no-text = Teksnya kosong
bulk-skip-too-long = Teksnya terlalu panjang
bulk-skip-unsendable = Teksnya tidak bisa dikirim
bulk-too-many = Sudah ada { $most } berkas. Hapus satu dahulu.
bulk-gone = Baris-barisnya sudah tidak ada: hanya disimpan sehari. Unggah berkasnya lagi.
bulk-is-sending = Sudah mulai dikirim, dan tidak bisa diubah.
bulk-changed = Yang dikirim sudah diubah sementara itu. Periksa lagi.
bulk-bad-column = Pilih kolom yang berisi nomor.
bulk-bad-text = Teksnya kosong, atau lebih dari { $most } karakter.
bulk-no-column = Tidak ada kolom { $name }. Tulis nama dari daftar di bawah teks.
bulk-open-brace = Kurung pada karakter ke-{ $at } tidak ditutup.
bulk-over = Waktunya sudah lewat. Pilih waktu yang lebih nanti.
bulk-file-empty = Berkasnya kosong.
bulk-file-too-large = Berkasnya lebih besar dari { $most } MB. Bagilah, atau buang beberapa kolom.
bulk-file-too-many-rows = Berkasnya lebih dari { $most } baris. Bagilah.
bulk-file-too-wide = Baris { $line } lebih dari { $most } kolom. Buang beberapa.
bulk-file-long-cell = Sebuah sel pada baris { $line } terlalu panjang. Apakah ada tanda kutip yang kurang di sana?
bulk-file-too-much = Berkasnya memuat terlalu banyak teks. Bagilah, atau buang beberapa kolom.
bulk-file-old = Ini berkas Excel lama, atau yang berkata sandi. Simpan sebagai XLSX tanpa kata sandi, atau sebagai CSV.
bulk-file-broken = Berkas Excel ini tidak bisa dibaca. Buka, lalu simpan lagi sebagai XLSX atau CSV.
bulk-file-no-sheet = Ini bukan CSV dan bukan XLSX.
reports-title = Laporan
reports-period = Rentang waktu
reports-today = Hari ini
reports-days = { $days } hari
reports-months = { $months } bulan
reports-own = Dari hari tertentu sampai hari tertentu
reports-choose = Rentang waktu lain, atau sebagian pesan saja
reports-from = Dari
reports-to = Sampai
reports-user = Hanya pesan pengguna ini
reports-sim = Hanya pesan lewat kartu SIM ini
reports-priority = Hanya pesan dengan prioritas ini
reports-all = Semua
reports-otp = Kode sekali pakai
reports-normal = Biasa
reports-bulk = Massal
reports-zone-label = Hari dihitung menurut zona waktu ini
reports-show = Tampilkan
reports-empty = Tidak ada pesan yang diterima gateway atau masuk dalam rentang waktu ini. Nasib tiap pesan, lamanya, dan apa yang gagal akan dihitung di sini sejak pesan pertama.
reports-funnel = Nasib pesan
reports-beside = Di mana sisanya
reports-parts-and-received = Semuanya terkirim dalam { $parts } bagian. { $received } pesan masuk.
reports-waiting = Menunggu atau dalam perjalanan
reports-unreported = Terkirim, belum ada laporan
reports-unsent = Gagal, ditolak, terlambat
reports-wrong = Tidak sampai, gagal, ditolak, terlambat
reports-chart = Pesan menurut waktu diterima gateway
reports-chart-description = Batang dari { $first } sampai { $last }. Yang tertinggi ialah { $highest }, dengan { $most } pesan. Data yang sama ada dalam tabel di bawah.
reports-table = Data yang sama sebagai tabel
reports-when = Waktu
reports-hour = { $hour }.00
reports-parts = Bagian
reports-received = Masuk
reports-times = Berapa lama
reports-step = Tahap
reports-median = Median
reports-p95 = Persentil ke-95
reports-messages = Pesan
reports-to-send = Sampai jaringan mengambilnya
reports-to-deliver = Dari situ sampai laporan bahwa pesan sampai
reports-times-hint = Setengahnya tidak lebih lama daripada median, dan 95 dari 100 tidak lebih lama daripada persentil ke-95. Kira-kira saja: waktu dihitung bertingkat, tiap tingkat dua kali tingkat sebelumnya. Pesan yang dijadwalkan dihitung mulai dari jadwalnya.
reports-seconds = { $seconds } dtk
reports-minutes = { $minutes } mnt
reports-hours = { $hours } jam
reports-errors = Apa yang gagal
reports-errors-hint = Halaman tiap pesan menjelaskan apa yang terjadi padanya:
reports-other = Masalah lain
reports-network-gave-up = Jaringan menyerah
reports-by-sim = Per kartu SIM
reports-by-user = Per pengguna
reports-users = pengguna
reports-sims = kartu SIM
reports-by-day = hari
reports-by-month = bulan
reports-by-hour = jam dalam sehari
reports-by-priority = prioritas
reports-by-error = kesalahan
reports-none = Tidak ada
reports-of-which = { $sent } terkirim, { $delivered } sampai, { $wrong } bermasalah
reports-backwards = Hari terakhir mendahului hari pertama.
reports-too-long = Laporan paling lama mencakup { $days } hari. Pilih rentang yang lebih pendek, atau lihat tahun demi tahun.
reports-no-such-user = Tidak ada pengguna dengan nama itu yang pesannya boleh Anda lihat.
reports-no-such-zone = Itu bukan zona waktu yang dikenal di sini: tulis misalnya Asia/Jakarta.
reports-how = Sebuah pesan dihitung pada hari ia diterima gateway, kapan pun nasibnya ditentukan. Hitungan tetap ada walaupun pesannya dihapus.
reports-zone = Hari dihitung menurut zona waktu
