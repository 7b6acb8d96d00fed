// Sends an SMS, follows it until the network has it, and prints the newest messages of the inbox.
//
//	MERPATI_KEY=mrp_… go run send.go +6281200000002 "Hello"
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

var underWay = map[string]bool{
	"accepted": true, "admitted": true, "held": true, "released": true, "deferred": true, "sending": true,
}

var client = http.Client{Timeout: time.Minute}

type message struct {
	ID, State string
	Version   uint64
}

// call makes a call, and reads what it answers into answer.
func call(method, path, once string, body, answer any) {
	base := os.Getenv("MERPATI_URL")
	if base == "" {
		base = "http://127.0.0.1:8080"
	}
	written, err := json.Marshal(body)
	if err != nil {
		log.Fatal(err)
	}
	if body == nil {
		written = nil
	}
	request, err := http.NewRequest(method, base+"/api/v1"+path, bytes.NewReader(written))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("MERPATI_KEY"))
	request.Header.Set("Content-Type", "application/json")
	if once != "" {
		request.Header.Set("Idempotency-Key", once)
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode >= 300 {
		log.Fatalf("%s: %s", response.Status, read)
	}
	if err := json.Unmarshal(read, answer); err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run send.go NUMBER TEXT")
	}
	// Sent again with the same name after a broken connection, it is still one message.
	name := make([]byte, 16)
	if _, err := rand.Read(name); err != nil {
		log.Fatal(err)
	}
	var accepted struct{ Messages []message }
	body := map[string]string{"to": os.Args[1], "text": os.Args[2]}
	call("POST", "/messages", hex.EncodeToString(name), body, &accepted)
	sent := accepted.Messages[0]
	for underWay[sent.State] {
		// Answers when something happened, and after 20 seconds in any case.
		call("GET", fmt.Sprintf("/messages/%s?after=%d", sent.ID, sent.Version), "", nil, &sent)
	}
	fmt.Println(sent.ID, sent.State)

	var inbox struct{ Messages []struct{ From, Text string } }
	call("GET", "/inbox?limit=5", "", nil, &inbox)
	for _, received := range inbox.Messages {
		fmt.Println(received.From, received.Text)
	}
}
