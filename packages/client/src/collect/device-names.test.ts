import { describe, expect, it } from "vitest";
import { classifyLabel, withoutRole } from "./device-names.ts";

describe("the class of a device", () => {
  it.each([
    ["", "unknown"],
    ["MacBook Pro Microphone (Built-in)", "built-in"],
    ["FaceTime HD Camera (3A71:F4B5)", "built-in"],
    ["Integrated Camera (04f2:b6d9)", "built-in"],
    ["Microphone Array (Realtek(R) Audio)", "built-in"],
    ["camera2 1, facing front", "built-in"],
    ["Built-in Audio Analog Stereo", "built-in"],
    ["AirPods Pro (Bluetooth)", "bluetooth"],
    ["Headset (WH-1000XM4 Hands-Free AG Audio) (Bluetooth)", "bluetooth"],
    ["Jabra Evolve2 65 (0b0e:030c)", "headset"],
    ["Headset Microphone (Plantronics Blackwire 3220 Series)", "headset"],
    ["HD Pro Webcam C920 (046d:082d)", "usb"],
    ["Microphone (Yeti Stereo Microphone)", "usb"],
    ["USB Audio Device Analog Stereo", "usb"],
    ["OBS Virtual Camera", "virtual"],
    ["BlackHole 2ch (Virtual)", "virtual"],
    ["CABLE Output (VB-Audio Virtual Cable)", "virtual"],
    ["Monitor of Built-in Audio Analog Stereo", "virtual"],
    ["Fake Audio Input 1", "virtual"],
    ["fake_device_0", "virtual"],
    ["DELL U2723QE", "other"],
  ])("%s: %s", (label, type) => {
    expect(classifyLabel(label)).toBe(type);
  });

  it("is that of the device behind an entry for the choice of the system", () => {
    expect(withoutRole("Default - Jabra Evolve2 65 (0b0e:030c)")).toBe("Jabra Evolve2 65 (0b0e:030c)");
    expect(withoutRole("Communications - Headset")).toBe("Headset");
    expect(withoutRole("Default")).toBe("Default");
  });
});
