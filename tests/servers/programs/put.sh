#!/bin/sh
# A CGI script: stores the body as the last part of the path, if it is complete.
part=$STORE/.${PATH_INFO##*/}
cat > "$part"
if [ "$(stat -c %s "$part")" = "$CONTENT_LENGTH" ]; then
    mv "$part" "$STORE/${PATH_INFO##*/}"
    printf 'Status: 201 Created\r\nContent-Length: 0\r\n\r\n'
else
    printf 'Status: 400 Bad Request\r\nContent-Length: 0\r\n\r\n'
fi
