export function Logo(): React.ReactNode {
  return (
    <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#0b4f7d" />
      <path
        d="M5 18h5l3-9 5 15 3.500-9 1.500 3h4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.600"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
