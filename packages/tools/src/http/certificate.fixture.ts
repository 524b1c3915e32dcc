/** A certificate for shop.example that signs itself, until 2126, and its key: of no use but to these tests. */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1EUdr/vrkxJKW9XP
nKmm4j/SWDuYO+9WeWnYy8qOXPyhRANCAARkF3/9ilKN/lVF5n/ameSPPd0iQAVS
WbdZyE2/nRyzDCtw5QI+HBzFNuEyICsCilM/mDC/gEg27yL+Q11gaqmt
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUONSbizBOIGtTB1gG7XU1AtLLRhUwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMCAXDTI2MTEyMjExMzMzMVoYDzIxMjYx
MDI5MTEzMzMxWjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARkF3/9ilKN/lVF5n/ameSPPd0iQAVSWbdZyE2/nRyzDCtw
5QI+HBzFNuEyICsCilM/mDC/gEg27yL+Q11gaqmto2wwajAdBgNVHQ4EFgQUroLz
nAIHfaHKPByiTP3ivTgJQwEwHwYDVR0jBBgwFoAUroLznAIHfaHKPByiTP3ivTgJ
QwEwFwYDVR0RBBAwDoIMc2hvcC5leGFtcGxlMA8GA1UdEwEB/wQFMAMBAf8wCgYI
KoZIzj0EAwIDSAAwRQIgMiYgJZJTf0ahwps7MjaLYcppihWZ/W+4IkBl1CMtwFcC
IQChfjw59jXAL/b4PiyasAwlTxqVYuOecf1XOZWyavJbyg==
-----END CERTIFICATE-----`,
}
