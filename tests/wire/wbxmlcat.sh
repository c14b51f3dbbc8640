#!/bin/bash
# wbxmlcat by hand, on the bytes of a first FolderSync request (MS-ASCMD 4.5).
. "$ROOST_SOURCE/tests/wire/functions.bash"

printf '\x03\x01\x6a\x00\x00\x07\x56\x52\x030\x00\x01\x01' >request.wbxml
head -c 8 request.wbxml >cut.wbxml

prints_the_key() { "$ROOST_BIN/wbxmlcat" request.wbxml | tee request.xml | xmllint --xpath "string(//*[local-name()='SyncKey'])" - | grep -qx 0; }
gives_the_bytes_back() { "$ROOST_BIN/wbxmlcat" --encode <request.xml | cmp - request.wbxml; }

check "a document is printed as XML that others can read" prints_the_key
check "its XML makes the same bytes again" gives_the_bytes_back
check "a document that is cut is refused with status 1" ends_with 1 "$ROOST_BIN/wbxmlcat" cut.wbxml
check "a file that is not there is refused with status 1" ends_with 1 "$ROOST_BIN/wbxmlcat" absent.wbxml
check "wrong use ends with status 2" ends_with 2 "$ROOST_BIN/wbxmlcat" --no-such-option
