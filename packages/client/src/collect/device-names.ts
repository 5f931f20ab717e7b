/**
 * What the name of a device says it is. The first rule that fits decides: a virtual device has the name of the real one behind it in its
 * own, an integrated camera has the numbers of its USB bus. Patterns from names that Chromium, Firefox and Safari show on
 * Windows, macOS, Linux, Android and iOS.
 */
const rules: readonly (readonly [type: string, pattern: RegExp])[] = [
  [
    "virtual",
    /virtual|fake|dummy|loopback|blackhole|soundflower|vb-audio|voicemeeter|cable (in|out)put|krisp|manycam|droidcam|camo\b|\b(obs|ndi)\b|snap camera|zoomaudio|monitor of/i,
  ],
  ["bluetooth", /bluetooth|airpods|hands-?free|\bbt\b|\bbuds\b|\bag audio\b|a2dp|\bhfp\b/i],
  [
    "headset",
    /head(set|phone)|ear(phone|bud|pod)|jabra|plantronics|poly\b|blackwire|evolve|sennheiser|epos\b/i,
  ],
  [
    "built-in",
    /built-?in|internal|integrated|facetime|macbook|imac|iphone|ipad|realtek|speakerphone|earpiece|facing (front|back)|(front|back|rear) camera|microphone array|conexant|cirrus/i,
  ],
  ["usb", /usb|\([\da-f]{4}:[\da-f]{4}\)|webcam|logitech|logi\b|yeti|elgato|brio/i],
];

/** "built-in" | "usb" | "bluetooth" | "headset" | "virtual" | "other"; "unknown" without a name. */
export function classifyLabel(label: string): string {
  if (!label) return "unknown";
  return rules.find(([, pattern]) => pattern.test(label))?.[0] ?? "other";
}

/** The name of the device itself, of an entry that Chromium adds for the choice of the system: `Default - Jabra`. */
export const withoutRole = (label: string): string => label.replace(/^(default|communications) - /i, "");
