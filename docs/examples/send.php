<?php
// Sends an SMS, follows it until the network has it, and prints the newest messages of the inbox.
//
//     MERPATI_KEY=mrp_… php send.php +6281200000002 "Hello"
//
// Needs PHP 8.1 or newer, without extensions.

$base = (getenv('MERPATI_URL') ?: 'http://127.0.0.1:8080') . '/api/v1';
$underWay = ['accepted', 'admitted', 'held', 'released', 'deferred', 'sending'];

/** Makes a call, and returns what it answers. */
function call(string $method, string $path, ?array $body = null, array $headers = []): array
{
    global $base;
    $headers[] = 'Authorization: Bearer ' . getenv('MERPATI_KEY');
    $headers[] = 'Content-Type: application/json';
    $options = ['method' => $method, 'header' => $headers, 'ignore_errors' => true, 'timeout' => 60];
    if ($body !== null) {
        $options['content'] = json_encode($body, JSON_THROW_ON_ERROR);
    }
    $answer = file_get_contents($base . $path, false, stream_context_create(['http' => $options]));
    if ($answer === false) {
        exit("the gateway cannot be reached\n");
    }
    $read = json_decode($answer, true, 64, JSON_THROW_ON_ERROR);
    if (isset($read['code'], $read['detail'])) {
        fwrite(STDERR, "{$read['code']}: {$read['detail']}\n");
        exit(1);
    }
    return $read;
}

[, $to, $text] = $argv;
// Sent again with the same name after a broken connection, it is still one message.
$once = ['Idempotency-Key: ' . bin2hex(random_bytes(16))];
$message = call('POST', '/messages', ['to' => $to, 'text' => $text], $once)['messages'][0];
$version = 0;
while (in_array($message['state'], $underWay, true)) {
    // Answers when something happened, and after 20 seconds in any case.
    $message = call('GET', "/messages/{$message['id']}?after=$version");
    $version = $message['version'];
}
echo "{$message['id']} {$message['state']}\n";

foreach (call('GET', '/inbox?limit=5')['messages'] as $received) {
    echo "{$received['from']} {$received['text']}\n";
}
