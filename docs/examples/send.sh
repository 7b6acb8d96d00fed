#!/bin/sh
# Sends an SMS, follows it until the network has it, and prints the newest messages of the inbox.
#
#     MERPATI_KEY=mrp_… sh send.sh +6281200000002 "Hello"
#
# Needs curl; jq would read the answers better than sed does.
set -eu
base=${MERPATI_URL:-http://127.0.0.1:8080}/api/v1
to=$1
text=$2

ask() { curl --silent --show-error --header "Authorization: Bearer $MERPATI_KEY" "$@"; }
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"; }
quote() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# Sent again with the same name after a broken connection, it is still one message.
answer=$(ask --header 'Content-Type: application/json' --header "Idempotency-Key: $$-$(date +%s)" \
    --data "{\"to\":\"$(quote "$to")\",\"text\":\"$(quote "$text")\"}" "$base/messages")
id=$(echo "$answer" | sed -n 's/.*\(msg_[0-9a-f]*\).*/\1/p')
if [ -z "$id" ]; then
    echo "refused: $answer" >&2
    exit 1
fi

state=accepted
version=0
while case $state in accepted | admitted | held | released | deferred | sending) true ;; *) false ;; esac; do
    # Answers when something happened, and after 20 seconds in any case.
    answer=$(ask "$base/messages/$id?after=$version")
    # The message's own state stands before those of its timeline.
    state=$(echo "$answer" | sed 's/"timeline":\[[^]]*\]//' | field state)
    version=$(echo "$answer" | field version)
done
echo "$id $state"

ask "$base/inbox?limit=5"
echo
