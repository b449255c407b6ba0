/** A throw-away certificate that signs itself: X.509 in DER, as little of it as a verifier needs. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Certificate {
  pem: string
  privateKey: KeyObject
}

/** One value of ASN.1: its tag, its length, its parts. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts)
const hex = (text: string) => Buffer.from(text, 'hex')

const sha256WithRsa = sequence(hex('06092a864886f70d01010b'), hex('0500'))
const commonName = hex('0603550403')
const time = (at: number) =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`))

/** Epoch milliseconds. */
export function selfSigned(
  name: string,
  validFrom = Date.UTC(2020, 0, 1),
  validTo = Date.UTC(2040, 0, 1),
): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const subject = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(name)))))
  const told = sequence(
    der(0xa0, hex('020102')),
    hex('020101'),
    sha256WithRsa,
    subject,
    sequence(time(validFrom), time(validTo)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = der(0x03, hex('00'), sign('sha256', told, privateKey))
  const base64 = sequence(told, sha256WithRsa, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g)?.join('\n')
  return { pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, privateKey }
}
