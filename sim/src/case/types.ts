// What the parts of a simulated case know of each other: the cabinet, the controller's pins, the state a page shows, and
// all that can be wrong with it.

/** The cabinet as the controller's sensors feel it. */
export interface Cabinet {
  /** What stands on the load cells, without noise. */
  massGrams(): number;
  doorOpen(): boolean;
}

/** What a person standing before the case can see of the controller. */
export interface ControllerFace {
  readonly locked: boolean;
  /** 0..255 each. */
  readonly led: readonly [number, number, number];
  readonly buzzer: boolean;
  /** The SSD1306's own framebuffer: 128 x 64, MONO_VLSB, 1,024 bytes. */
  readonly oled: Uint8Array;
  /** The signal line to the Pi: 1 from unlock until the door is shut and locked. */
  readonly line: 0 | 1;
  /** True once the broker accepted the modem's connection and the time is known. */
  readonly ready: boolean;
}

export interface ControllerOptions {
  readonly caseId: string;
  /** The controller's own HMAC key, 32 bytes. */
  readonly key: Uint8Array;
  readonly broker: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
  };
  readonly cabinet: Cabinet;
  /** Folder that stands for the flash; what is in it survives a power cycle. */
  readonly flashFolder: string;
  /** Called after any change of the face. */
  readonly onChange: (face: ControllerFace) => void;
  readonly log?: (line: string) => void;
  /** Limits of this case in its provisioning, in milliseconds; the firmware's own where not given. */
  readonly limits?: {
    readonly open_within_ms?: number;
    readonly open_too_long_ms?: number;
    readonly status_ms?: number;
    readonly resend_ms?: number;
  };
  /** Of the scale's noise. */
  readonly seed?: number;
}

/** `battery`: the plug is out and the cell carries the board. `none`: nothing does. */
export type PowerSource = 'mains' | 'battery' | 'none';

/** What a person can do to a case besides shopping. */
export interface Conditions {
  readonly power: PowerSource;
  /** Coverage of the modem: without it the broker is lost. */
  readonly radio: boolean;
  /** Of the air in the case. */
  readonly temperatureC: number;
  readonly batteryVolts: number;
  /** The bolt does not come home, whatever the lock says: the door can be pulled open. */
  readonly boltStuck: boolean;
  /** The door's contact says open, whatever the door does. */
  readonly contactOpen: boolean;
  /** A wire of a load cell is off: its amplifier saturates. */
  readonly cellTorn: boolean;
  /** The amplifier says nothing. */
  readonly cellSilent: boolean;
  /** The display's plug is out. */
  readonly displayGone: boolean;
}

/** One thing that the device did or said; the page has words for every `what` but the firmware's own. */
export interface LogLine {
  /** Rises by one a line. */
  readonly number: number;
  readonly atMs: number;
  /** power: its supply and its resets. does: its pins. says: what the firmware prints. sends, hears: over the radio. */
  readonly kind: 'power' | 'does' | 'says' | 'sends' | 'hears';
  readonly what: string;
  readonly detail: string;
  /** How often in a row. */
  readonly times: number;
}

/** The hands of whoever tries what the device makes of it. */
export interface CaseControls {
  conditions(): Conditions;
  change(wanted: Partial<Conditions>): void;
  /** The supply dips for a moment: the chip starts anew. False when there is no supply. */
  brownOut(): boolean;
  /** Another board in its place, or its own with an erased flash: it starts anew and knows nothing of what was. */
  swapBoard(): void;
  /** True while no firmware runs. */
  dark(): boolean;
  /** The newest last, a bounded number of them. */
  log(): readonly LogLine[];
}

/** The ledger of the cloud that this case belongs to. */
export interface CloudHand {
  /** When the copy was made that can be put back; null while there is none. */
  readonly copiedAtMs: number | null;
  /** Somebody is at it, and the cloud may be away. */
  readonly isBusy: boolean;
}

export interface CloudHands {
  now(): CloudHand;
  /** A copy of the ledger as it stands. */
  copy(): void;
  /** The cloud ends, and starts again with the copy for its ledger: what was since then it knows nothing of. */
  putBack(): void;
}

export interface Controller extends CaseControls {
  face(): ControllerFace;
  /** Coverage of the modem: off loses the broker until it is on again. */
  radio(on: boolean): void;
  /** The end of it all; a controller started on the same flash folder is the same one, booting again. */
  stop(): Promise<void>;
}

/** GET /sim/cases/:id and each `state` event. */
export interface SimState {
  readonly id: string;
  readonly door: 'open' | 'closed';
  readonly locked: boolean;
  readonly ready: boolean;
  readonly shelf: readonly SimItem[];
  readonly hand: readonly SimItem[];
  /** Somebody's coat hangs before the cameras: they see nothing. */
  readonly covered: boolean;
  readonly cameras: CameraSwitches;
  readonly massGrams: number;
  readonly led: readonly [number, number, number];
  readonly buzzer: boolean;
  /** Base64 of ControllerFace.oled. */
  readonly oled: string;
  readonly conditions: Conditions;
  /** Nothing runs: no supply, or the moment before it starts. */
  readonly dark: boolean;
  readonly log: readonly LogLine[];
  /** null where this world has no cloud's ledger at hand. */
  readonly cloud: CloudHand | null;
}

/** What is wrong with the cameras, both at once. */
export interface CameraSwitches {
  readonly covered: boolean;
  /** Each shows what it showed last, to the last pixel. */
  readonly frozen: boolean;
  /** Somebody mixed up their cables. */
  readonly swapped: boolean;
  /** They answer nothing but a refusal, and their streams end. */
  readonly offline: boolean;
  /** Who asks for a still picture waits until they no longer hang. */
  readonly hanging: boolean;
}

export interface SimItem {
  readonly item: number;
  readonly sku: string;
  readonly slot: number;
}
